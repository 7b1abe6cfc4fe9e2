"""The one description of the package: what every form of it (folder, .deb, archive) says of Labkeep."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Command:
    """A program of the package: its name, and in one line what it is for."""

    name: str
    summary: str


def _version() -> str:
    source = (PROJECT / "desktop_app" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    if match is None:
        raise SystemExit("desktop_app/__init__.py names no version.")
    return match[1]


_TABLE = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

NAME: str = _TABLE["name"]
TITLE = "Labkeep"
VERSION = _version()
SUMMARY: str = _TABLE["description"].rstrip(".")
SUMMARIES = {"tr": "Tek bir kurulumu paylaşan laboratuvarlar için numuneler ve mühürlü belgeler"}
"""The summary in the other languages of the window."""
GENERIC_NAME = "Laboratory samples and documents"
DESCRIPTION = (
    (
        "One installation serves many centers (hospital laboratories, research groups), and no center can see "
        "another's people, samples and documents. Files dropped on the window are encrypted on the workstation before "
        "a byte of them reaches the shared directory."
    ),
    "The package brings everything that a workstation needs, also a PostgreSQL server for those who have none.",
)
LICENCE: str = _TABLE["license"]
MAINTAINER = "Labkeep <maintainers@labkeep.invalid>"
"""Who answers for a package; whoever hands packages to others puts himself here (LABKEEP_MAINTAINER)."""

WINDOW = Command("labkeep", "the window of Labkeep")
ADMIN = Command("labkeep-admin", "administer Labkeep from a terminal")
COMMANDS = (WINDOW, ADMIN)

ICON = PROJECT / "resources" / "labkeep.svg"
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Pixels of the pictures made of it, for desktops that draw no SVG."""
PROFILE_TYPE = "application/x-labkeep-profile"
PROFILE_SUFFIX = ".labkeep-profile"
PROFILE_COMMENT = {"": "Labkeep profile", "tr": "Labkeep profili"}
LINK_SCHEME = "labkeep"
CATEGORIES = ("Science", "MedicalSoftware")
KEYWORDS = ("laboratory", "samples", "documents", "encryption")

POLICY_FILE = "etc/labkeep/policy.toml"
"""Where the laboratory fixes what nobody on a workstation changes, below the root of the file system."""
SYSTEM_LIBRARIES = {
    "ld-linux-x86-64.so.2": "libc6",
    "ld-linux-aarch64.so.1": "libc6",
    "libc.so.6": "libc6",
    "libdl.so.2": "libc6",
    "libm.so.6": "libc6",
    "libpthread.so.0": "libc6",
    "libresolv.so.2": "libc6",
    "librt.so.1": "libc6",
    "libutil.so.1": "libc6",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
}
"""Libraries that the package leaves to the system, with Debian's package of each: drivers, display and C library."""
SYSTEM_FILES = ("fontconfig-config", "libx11-data", "xkb-data")
"""Debian's packages of files that Qt reads: fonts and where they are, what keys write."""
RECOMMENDED = ("gnome-keyring | libkf5wallet-bin | keepassxc",)
"""For sign-ins that the desktop remembers."""
SUGGESTED = ("postgresql-client", "python3")
"""For ``labkeep-admin psql``, and for ``labkeep-server``, which sets up the lab's server."""
