"""docs/administrator.md: its commands are ones that there are, and all of them run in their order on a machine."""

import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labserver.command import _parser
from tests.e2e.labkeep_admin import Admin
from tests.lab_server.namespace import PROJECT, other_machine

PAGE = (PROJECT / "docs" / "administrator.md").read_text(encoding="utf-8")
GROUPS = ("audit", "center", "document", "policy", "profile", "user")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def commands(program: str) -> Iterator[list[str]]:
    """The words after each mention of a program in the blocks, up to the end of its command."""
    for block in BLOCKS:
        whole = block.replace("\\\n", " ")
        for line in whole.splitlines():
            if (found := re.search(rf"(?:^|\s){program} (.*)", line.partition("   #")[0])) is not None:
                yield shlex.split(re.split(r" [|<>]", found[1])[0])


def test_labkeep_server_has_every_command_of_the_page() -> None:
    found = list(commands("labkeep-server"))
    assert len(found) > 10
    for words in found:
        assert callable(_parser().parse_args(words).run)


def test_labkeep_admin_has_every_command_of_the_page(tmp_path: Path) -> None:
    found = list(commands("labkeep-admin"))
    assert len(found) > 10
    admin = Admin(tmp_path).using(COLUMNS="200")
    helps = dict[tuple[str, ...], str]()
    for words in found:
        path = tuple(words[: 2 if words[0] in GROUPS else 1])
        if path not in helps:
            answer = admin(*path, "--help")
            assert answer.status == 0, answer
            helps[path] = answer.out
        for word in words[len(path) :]:
            if word.startswith("--"):
                assert f"{word} " in helps[path], words


@pytest.mark.full
def test_the_page_is_true() -> None:
    """In one shell, stopping at the first line that fails; the machine has no systemd, which would start Samba."""
    script = "set -euo pipefail\n" + "\nsmbd -D\n".join((BLOCKS[0], "\n".join(BLOCKS[1:])))
    with tempfile.TemporaryDirectory(prefix="labkeep-machine-") as folder, other_machine(Path(folder)) as machine:
        done = machine.run("bash", "-c", script, seconds=280)
        assert done.status == 0, done.out + done.err
        assert "Traceback" not in done.err
        assert done.out.endswith("Nothing is wrong.\n"), done.out
