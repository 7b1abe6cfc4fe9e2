"""The Debian package on a bare Debian, from its installation to its purge: packaging/try_deb.sh."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.labkeep_admin import PROJECT


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_the_package_works_on_a_bare_debian(tmp_path: Path) -> None:
    """Where nobody is root, or there is no debootstrap, it cannot be tried; the workflow installs it then."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        return
    if not list((PROJECT / "dist").glob("labkeep_*.deb")):
        subprocess.run(["make", "package"], cwd=PROJECT, check=True)
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(
        [PROJECT / "packaging" / "try_deb.sh", *(PROJECT / "dist").glob("labkeep_*.deb"), tmp_path / "pictures"],
        env=os.environ | {"TMPDIR": str(work)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("The package works.\n")
    assert {"10-sealed.png", "12-upgraded.png"} <= {path.name for path in (tmp_path / "pictures").iterdir()}
    assert not list(work.iterdir()), "it leaves nothing behind"
