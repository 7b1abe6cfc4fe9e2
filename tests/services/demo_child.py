"""A program that makes a small demo and is killed at one point: a child of test_demo_interrupted.py, never imported.

``python -m tests.services.demo_child HOME POINT``
"""

import os
import signal
import sys

from desktop_app.bootstrap import build
from desktop_app.domain.profiles import Profile
from desktop_app.storage.profiles import ProfileStore
from tests.light_passwords import lighten
from tests.services.small_demo import make_small

home, point = sys.argv[1:]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(ProfileStore):
    def save(self, profile: Profile, *, replace_root: bool = False) -> None:
        if point == "before the profile":
            die()
        super().save(profile, replace_root=replace_root)
        if point == "with the profile":
            die()


def filled(done: int, total: int) -> None:
    if (point == "begun" and done == 1) or (point == "nearly done" and done == total):
        die()


lighten()
make_small()
app = build({"LABKEEP_HOME": home})
app.profiles.__class__ = DyingStore
app.demo.make(filled)
