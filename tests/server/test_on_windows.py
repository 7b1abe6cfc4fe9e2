"""The built-in server in Windows' way, as far as Linux can play it: loopback, pg_ctl, no handles handed down."""

import os
import sys
from pathlib import Path

import pytest

from desktop_app.server.postmaster import _is_postgres
from desktop_app.server.process import program_of
from tests.server.ordinary_user import OrdinaryUser

BEGIN = """
import ctypes.wintypes, concurrent.futures, random, shutil, socket, subprocess, sys, tempfile, urllib.parse
import hashlib, os, psycopg2, time
UID = os.getuid()  # Windows' Python says 0 of every file
from tests.unit.foreign_system import become
FIRST = f"from desktop_app.server import account; account.current_uid = lambda: {UID}; "
PRELUDE = "import ctypes.wintypes, random, subprocess, tempfile, shutil, socket; sys.path.append(sys.argv[1]); " \\
    "from tests.unit.foreign_system import become; become('win32', everything=False); " + FIRST
become("win32", everything=False)
from pathlib import Path
exec(FIRST)
from desktop_app.server import programs, watcher
programs._SUFFIX = ""  # the programs here are Linux's
watcher._RUN = "import sys; " + PRELUDE + watcher._RUN.replace(
    "sys.exit", "from desktop_app.server import programs; programs._SUFFIX = ''; sys.exit"
)
"""
USE = (
    BEGIN
    + """
from desktop_app.server.launcher import BuiltinServer
server = BuiltinServer(Path(sys.argv[1]), grace_seconds=1.0)
for _ in range(2):
    with server.start() as running:
        connection = psycopg2.connect(running.admin_dsn())
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('hba_file'), current_setting('listen_addresses'),"
                " inet_server_port()")
            print(*cursor.fetchone(), running.socket_dir, running.port, sep="|")
        connection.close()
while (Path(sys.argv[1]) / "cluster" / "postmaster.pid").exists():
    time.sleep(0.05)  # the watcher stops it, or the test's time is up
print("Özgür" in (Path(sys.argv[1]) / "settings" / "labkeep.conf").read_text("utf-8"))
with server.start() as running:
    server.remove()
print(sorted(entry.name for entry in Path(sys.argv[1]).iterdir()))
"""
)


@pytest.mark.full
def test_it_starts_answers_on_loopback_and_is_stopped_and_removed(user: OrdinaryUser) -> None:
    folder = user.home / "Özgür's server"
    done = user.python("-c", USE, str(folder))
    assert done.returncode == 0, done.stdout
    first, second, is_named, left = done.stdout.splitlines()
    hba, listens, port, host, known = first.split("|")
    assert (hba, listens, host) == (f"{folder}/settings/pg_hba.conf", "127.0.0.1", "127.0.0.1")
    assert port == known != "5432"
    assert second == first, "it was still running"
    assert is_named == "False", "Windows' programs read the file in the system's code page"
    assert left == "[]"


WORK = (
    BEGIN.replace('become("win32", everything=False)', 'become("win32")')
    + """
import contextlib, io, json
from desktop_app.cli import main as cli

def admin(*words, **variables):
    out, err = io.StringIO(), io.StringIO()
    os.environ.update(variables)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.run([*words, "--json"], os.environ)
    log = home / "lab" / "log" / "labkeep.log"
    assert status == 0, (words, err.getvalue(), log.read_text("utf-8")[-2000:])
    return json.loads(out.getvalue())

home = Path(sys.argv[1])
os.environ["LABKEEP_HOME"] = str(home / "lab")
made = admin("demo")
person = next(one for one in made["accounts"] if one["role"] == "user")
source = home / "Ölçüm %s.bin"
source.write_bytes(os.urandom(3_000_017))
who = {"LABKEEP_USER": person["username"], "LABKEEP_PASSWORD": person["password"], "LABKEEP_CENTER": person["center"]}
(added,) = admin("document", "add", str(source), **who)
assert added["outcome"] == "saved", added
admin("document", "get", added["id"], "--to", str(home / "back.bin"))
assert (home / "back.bin").read_bytes() == source.read_bytes()
verified = admin("document", "verify", "--all")
assert all(one["ok"] for one in verified), verified
state = admin("status")
print(len(verified), state["alarms"], state["store_problem"])
"""
)


@pytest.mark.full
def test_labkeep_admin_makes_the_demo_and_seals_opens_and_verifies_a_document(user: OrdinaryUser) -> None:
    done = user.python("-c", WORK, str(user.home))
    assert done.returncode == 0, done.stdout
    count, alarms, problem = done.stdout.split()
    assert int(count) > 1
    assert (alarms, problem) == ("[]", "None")


def test_another_program_that_was_given_the_number_is_no_server() -> None:
    """Where there is no /proc, the system says what a process runs."""
    assert Path(program_of(os.getpid())).name.startswith("py")
    assert program_of(2**22 + 1) == ""
    assert not _is_postgres(sys.executable)
    assert not _is_postgres("C:\\postgres\\notepad.exe")
    for server in ("C:\\Program Files\\Labkeep\\bin\\postgres.exe", "/opt/bin/postgres", ""):
        assert _is_postgres(server)
