"""docs/reader.py in a place where nothing of Labkeep can be imported."""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

READER = Path(__file__).resolve().parents[2] / "docs" / "reader.py"
PACKAGES = ("cryptography", "cffi", "_cffi_backend*", "blake3", "shamir_mnemonic", "attr", "attrs", "pycparser")


@dataclass(frozen=True)
class Reader:
    """The reader, alone with the packages it names; answers like the program that it is."""

    folder: Path

    def run(self, *words: str | Path, password: str = "") -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, "-S", self.folder / "reader.py", *words],
            env=environment | ({"LABKEEP_PASSWORD": password} if password else {}),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def accept(self, *words: str | Path, password: str = "") -> str:
        done = self.run(*words, password=password)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refuse(self, *words: str | Path, password: str = "") -> str:
        done = self.run(*words, password=password)
        assert done.returncode == 1, done.stdout
        assert done.stderr.startswith("Refused: "), done.stderr
        return done.stderr


def alone_in(folder: Path) -> Reader:
    """The reader, copied there beside links to the packages that it needs."""
    shutil.copy(READER, folder)
    for package in PACKAGES:
        for found in Path(sysconfig.get_paths()["platlib"]).glob(package):
            (folder / found.name).symlink_to(found)
    alone = Reader(folder)
    look = [sys.executable, "-S", "-c", "import importlib.util as i; print(i.find_spec('desktop_app'))"]
    environment = {"PYTHONPATH": str(folder)}
    assert subprocess.check_output(look, env=environment, cwd=folder, text=True) == "None\n"
    return alone
