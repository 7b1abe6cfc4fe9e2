"""Output on a code page that lacks what it says, as on Windows."""

import json
import subprocess
from pathlib import Path

from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import PROGRAM, PROJECT


def test_a_name_that_the_code_page_lacks_ends_no_command_and_json_stays_json(demo: DemoPeople, tmp_path: Path) -> None:
    """Windows gives files and programs the system's code page."""
    source = tmp_path / "code page Ölçüm 😀 ı.txt"  # begins as plainly as the demo's: other tests sort these titles
    source.write_bytes(b"x")
    demo.mehmet.json("document", "add", source)

    def listed(*arguments: str) -> str:
        done = subprocess.run(
            [*PROGRAM, "document", "list", "--search", "code page", *arguments],
            env=demo.mehmet.using(PYTHONIOENCODING="cp1252").environment(),
            cwd=PROJECT,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode("cp1252")

    assert [row["title"] for row in json.loads(listed("--json"))] == [source.name]
    assert "Ölçüm \\U0001f600 \\u0131" in listed()
