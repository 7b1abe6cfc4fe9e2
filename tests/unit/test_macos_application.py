"""What macOS gets: the application's Info.plist, its entitlements and the scripts that sign and pack it."""

import plistlib
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import description
import macos_parts
import pytest

from desktop_app import __version__

SCRIPTS = sorted(macos_parts.FOLDER.glob("*.sh"))


def test_the_application_says_what_it_opens() -> None:
    said = plistlib.loads(plistlib.dumps(macos_parts.information()))
    assert said["CFBundleShortVersionString"] == said["CFBundleVersion"] == __version__
    (kind,) = said["UTExportedTypeDeclarations"]
    (document,) = said["CFBundleDocumentTypes"]
    assert document["LSItemContentTypes"] == [kind["UTTypeIdentifier"]]
    tags = kind["UTTypeTagSpecification"]
    assert [f".{suffix}" for suffix in tags["public.filename-extension"]] == [description.PROFILE_SUFFIX]
    assert tags["public.mime-type"] == [description.PROFILE_TYPE]
    assert said["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == [description.LINK_SCHEME]
    assert said["NSHighResolutionCapable"] is True
    assert re.fullmatch(r"\d+\.\d+", said["LSMinimumSystemVersion"])
    assert re.fullmatch(r"[A-Za-z0-9.-]+", macos_parts.IDENTIFIER)


def test_entitlements_are_few_and_each_has_its_why() -> None:
    content = macos_parts.ENTITLEMENTS.read_bytes()
    allowed = plistlib.loads(content)
    assert allowed == {"com.apple.security.cs.allow-jit": True}
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    (table,) = ElementTree.fromstring(content, parser).iter("dict")
    for before, entry in zip([None, *table], table, strict=False):
        if entry.tag == "key":
            assert before is not None
            assert before.tag is ElementTree.Comment, f"{entry.text} has no why"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_run_and_stop_at_the_first_error(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("#!/bin/sh\n")
    assert "\nset -eu\n" in text
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


@pytest.mark.parametrize("name", ["sign.sh", "notarise.sh"])
def test_nobody_signs_without_an_identity(name: str) -> None:
    path = macos_parts.FOLDER / name
    run = subprocess.run([path, "/nowhere"], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "is not set" in run.stdout


def test_each_script_is_there() -> None:
    assert [path.name for path in SCRIPTS] == ["make_image.sh", "notarise.sh", "sign.sh", "try_image.sh"]
    assert all(path.stat().st_mode & 0o111 for path in SCRIPTS)
