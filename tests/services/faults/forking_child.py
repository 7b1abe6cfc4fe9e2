"""A program that is started once and forks for each thing to do: each fork signs in, works, and is killed meanwhile.

It reads what is to be done as lines of JSON and answers with the fork's process id, and how it ended. Loading the
program anew would take ten times as long as what is to be killed.
"""

import json
import os
import sys
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from desktop_app.bootstrap import build
from desktop_app.cli.interrupts import INTERRUPTED, ending_soon
from desktop_app.crypto.passwords import SignInKeys
from desktop_app.db import restored_database
from desktop_app.db.errors import UnconfirmedError
from desktop_app.errors import LabkeepError
from desktop_app.services.context import retries
from desktop_app.storage.profiles import from_toml
from tests.light_passwords import lighten
from tests.services.faults.system_calls import CallFault, Harm, SystemCalls
from tests.services.faults.work import WORK, Station, restore


def work(call: dict[str, Any]) -> None:
    """In the fork. What is reported stands in a file, line by line."""
    retries.WAITS, retries.LATER, retries.LONGEST = (0.0, 0.05, 0.1), 0.1, 0.4
    restored_database.WAITS = (0.05, 0.1)

    def tell(what: dict[str, Any]) -> None:
        with Path(call["told"]).open("a") as file:
            file.write(json.dumps(what) + "\n")

    app = build({"LABKEEP_HOME": call["home"]})
    calls = SystemCalls(*map(Path, call["watched"]))
    calls.on_stall = lambda: tell({"stalled": True})
    fault = None if call["at"] is None else CallFault(call["at"], Harm(call["harm"]))
    with ExitStack() as stack:
        if call["work"] == "restore":
            tell({"begun": True})
            _wait_for(Path(call["go"]))
            stack.enter_context(ending_soon())
            stack.enter_context(calls.watching(fault))
            restore(app, call["call"], tell)
            return
        profile = from_toml(call["profile"])
        lab = app.sign_in._open(profile, SignInKeys.from_bytes(bytes.fromhex(call["keys"])), None)
        station = Station(app, profile, lab, lab.center(call["center"]))
        tell({"begun": True})
        _wait_for(Path(call["go"]))
        stack.enter_context(ending_soon())
        stack.enter_context(calls.watching(fault))
        WORK[call["work"]](station, call["call"], tell)


def _wait_for(path: Path) -> None:
    """What comes before is not counted; the parent says when."""
    while not path.exists():
        time.sleep(0.002)


def forked(call: dict[str, Any]) -> None:
    """Do it, and end without taking anything apart."""
    status = 1
    try:
        work(call)
        status = 0
    except LabkeepError as error:
        with Path(call["told"]).open("a") as file:
            file.write(json.dumps({"error": str(error), "unconfirmed": isinstance(error, UnconfirmedError)}) + "\n")
        status = 0
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Until the input ends."""
    lighten()
    app = build({"LABKEEP_HOME": os.devnull})
    # Loads what is put off until it is used, once for all forks.
    for part in (app.sign_in, app.backup, app.restore, app.center_restore):
        repr(part)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            forked(json.loads(line))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
