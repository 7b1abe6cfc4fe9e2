"""Somebody who changes samples of the demo without a pause: a process of its own, told by its arguments.

``python -m tests.benchmarks.busy_colleague CENTER PER_SECOND SECONDS``; prints how many changes a second it made.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from desktop_app.bootstrap import build
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.records import SampleType
from desktop_app.services.session.lab import Lab

HANDS = 4
"""Connections at once: one alone waits for the server most of the time, and may make less than a hundred."""
_ROWS = 8


def main(center: str, per_second: int, seconds: float) -> int:
    """Rename some of the newest samples in turn, and make a new one with each tenth."""
    app = build(os.environ)
    (profile,) = app.profiles.list()
    account = app.demo.administrator()
    with app.sign_in.sign_in(profile, account.username, account.password) as lab, ThreadPoolExecutor(HANDS) as pool:
        began = time.monotonic()
        hands = [pool.submit(_change, lab, center, per_second / HANDS, seconds) for _ in range(HANDS)]
        changed = sum(each.result() for each in hands)
        taken = time.monotonic() - began
    app.close()
    sys.stdout.write(f"{changed / taken:.0f}\n")
    return 0


def _change(lab: Lab, center: str, per_second: float, seconds: float) -> int:
    """How many changes were made within the time."""
    changed = 0
    with lab.center(center) as work:
        made = (SampleDraft(name=f"Mine {number}", sample_type=SampleType.BLOOD) for number in range(_ROWS))
        rows = [work.samples.create(draft) for draft in made]
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            if changed > passed * per_second:
                time.sleep(0.001)
                continue
            at = changed % len(rows)
            draft = SampleDraft.of(rows[at])
            if changed % 10 == 9:
                work.samples.create(replace(draft, name=f"New {changed}", barcode="", user_id=None))
            else:
                rows[at] = work.samples.edit(rows[at], replace(draft, name=f"Changed {changed}"))
            changed += 1
    return changed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
