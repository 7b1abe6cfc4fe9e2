"""Links: what is one is one to the letter, and whatever else somebody hands to the window is refused."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.links import LONGEST, Link, LinkError, LinkKind, read_link, read_target

HERE, C, R = (UUID(int=number << 64) for number in (1, 2, 3))
SAMPLE = f"labkeep://{HERE}/{C}/sample/{R}"


def test_a_link_comes_back() -> None:
    for link in (Link(HERE, C), Link(HERE, C, LinkKind.SAMPLE, R), Link(HERE, C, LinkKind.DOCUMENT, R)):
        assert read_target(str(link)) == link
        assert read_target(f"{link}/") == link, "browsers add one"


HOSTILE = {
    "another scheme": SAMPLE.replace("labkeep:", "http:"),
    "a script": "javascript:alert(1)",
    "an upper case scheme": SAMPLE.replace("labkeep", "LABKEEP"),
    "a way up": f"labkeep://{HERE}/{C}/sample/../../document/{R}",
    "a way out": f"labkeep://{HERE}/../../etc/passwd",
    "an encoded zero": f"{SAMPLE}%00",
    "a zero": f"{SAMPLE}\0",
    "encoded letters": SAMPLE.replace("sample", "s%61mple"),
    "a line more": f"{SAMPLE}\n",
    "a line before": f"\n{SAMPLE}",
    "an option": "--profile=evil",
    "one letter": "-x",
    "a question": f"{SAMPLE}?do=delete",
    "a part": f"{SAMPLE}#delete",
    "a verb": f"labkeep://{HERE}/{C}/delete/{R}",
    "a name": f"labkeep://anna@{HERE}/{C}",
    "a port": f"labkeep://{HERE}:80/{C}",
    "other digits": SAMPLE.replace("0", "\u0660"),
    "no dashes": f"labkeep://{HERE.hex}/{C.hex}",
    "no center": f"labkeep://{HERE}/",
    "long": f"labkeep://{HERE}/{C}/sample/{R}" + "/" * LONGEST,
    "nothing": "",
    "one of another program": "labkeep-profile",
    "a profile elsewhere": "file://evil.example/lab.labkeep-profile",
    "a profile of the net": "https://evil.example/lab.labkeep-profile",
    "a zero in a path": "/tmp/a\0.labkeep-profile",
    "an encoded zero in a path": "file:///tmp/a%00.labkeep-profile",
    "a question to a file": "file:///tmp/lab.labkeep-profile?x",
    "no host": "file://[/lab.labkeep-profile",
    "a program": "/usr/bin/true",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_else_is_refused_without_being_repeated(text: str) -> None:
    # A path of a profile that is only strange is a path: nothing but its own reading tells more.
    with pytest.raises(LinkError) as caught:
        read_target(text)
    assert str(caught.value).endswith(".")
    assert "evil" not in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.text(max_size=120))
def test_no_text_is_a_link_but_links(text: str) -> None:
    for tried in (text, SAMPLE + text, text + SAMPLE, SAMPLE[:30] + text + SAMPLE[30:]):
        try:
            link = read_link(tried)
        except LinkError:
            continue
        assert tried.removesuffix("/") == str(link)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/media/stick/lab.labkeep-profile", "/media/stick/lab.labkeep-profile"),
        ("file:///media/the%20stick/lab.labkeep-profile", "/media/the stick/lab.labkeep-profile"),
        ("file://localhost/media/lab.LABKEEP-PROFILE", "/media/lab.LABKEEP-PROFILE"),
        ("FILE:/media/lab.labkeep-profile", "/media/lab.labkeep-profile"),
    ],
)
def test_the_files_of_desktops_are_paths(text: str, path: str) -> None:
    assert read_target(text) == Path(path)


def test_a_relative_path_is_of_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_target("-x.labkeep-profile") == tmp_path / "-x.labkeep-profile"
