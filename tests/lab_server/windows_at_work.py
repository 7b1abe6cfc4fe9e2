"""How many connections so many windows take: each is a Lab at work with as many threads as a window has workers.

A program of its own: ``windows_at_work.py WINDOWS`` prints JSON. The server is asked as its superuser meanwhile.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from desktop_app.bootstrap import open_installation
from desktop_app.services.session.lab import Lab

SECONDS = 15.0
THREADS = 6
"""More than a window has, so that the pool and not the work is what limits."""
_ASKED = "select count(*), count(distinct usename) from pg_stat_activity where usename ~ '^u_'"


def main(windows: int) -> None:
    """Open them all, let them work, count."""
    import psycopg2

    most, quiet, problems = 0, 0, list[str]()
    asking = psycopg2.connect("host=/var/run/postgresql user=postgres dbname=labkeep")
    asking.autocommit = True

    def count() -> int:
        with asking.cursor() as cursor:
            cursor.execute(_ASKED)
            return int(cursor.fetchone()[0])

    opened = [open_installation("Labkeep", f"window.{number}", "Juniper-Window-52") for number in range(windows)]
    with ThreadPoolExecutor(windows * THREADS) as pool:
        labs = [each.__enter__() for each in opened]
        try:
            quiet = count()
            end = time.monotonic() + SECONDS
            jobs = [pool.submit(_work, lab, end, problems.append) for lab in labs for _ in range(THREADS)]
            while time.monotonic() < end:
                most = max(most, count())
                time.sleep(0.01)
            for job in jobs:
                job.result()
        finally:
            for each in opened:
                each.__exit__(None, None, None)
    print(json.dumps({"windows": windows, "most": most, "quiet": quiet, "problems": problems[:5]}))


def _work(lab: Lab, end: float, problem: Callable[[str], None]) -> None:
    while time.monotonic() < end:
        try:
            with lab.center("alpha") as center:
                center.samples.list()
                center.documents.list()
                center.people.list()
        except Exception as error:  # whatever it is, the test shows it
            problem(f"{threading.current_thread().name}: {error}")
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
