"""What Windows asks of a program: its icon, its version resource, and the values of the installer's script.

``python packaging/windows_parts.py`` builds the installer from dist/labkeep by Inno Setup's ISCC, which must be in PATH
or named by ISCC. LABKEEP_SIGNTOOL is a command that signs the file ``$f`` in it (signtool sign ... $f); without it
nothing is signed.
"""

import os
import subprocess
import sys
from pathlib import Path

import description
import picture_files

FOLDER = Path(__file__).parent / "windows"
SCRIPT = FOLDER / "labkeep.iss"
MANIFEST = FOLDER / "labkeep.manifest"
WORK = description.PROJECT / "build" / "windows"
PUBLISHER = "Labkeep"
COPYRIGHT = "MIT licence"
_LANGUAGE, _UNICODE = 0x0409, 1200
_VERSION_RESOURCE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1,
                    subtype=0x0, date=(0, 0)),
  kids=[
    StringFileInfo([StringTable({table!r}, [
{strings}
    ])]),
    VarFileInfo([VarStruct('Translation', [{language}, {code_page}])]),
  ],
)
"""


def version_numbers() -> tuple[int, int, int, int]:
    """Return the version as Windows compares it: four numbers, without what follows the first letter."""
    numbers = [int(part) for part in description.VERSION.split(".") if part.isdigit()][:4]
    first, second, third, fourth = (*numbers, 0, 0, 0, 0)[:4]
    return first, second, third, fourth


def version_resource(command: description.Command) -> str:
    """Return PyInstaller's description of a program's version resource, to be evaluated by it."""
    strings = {
        "CompanyName": PUBLISHER,
        "FileDescription": description.TITLE
        if command is description.WINDOW
        else f"{description.TITLE} administration",
        "FileVersion": description.VERSION,
        "InternalName": command.name,
        "LegalCopyright": COPYRIGHT,
        "OriginalFilename": f"{command.name}.exe",
        "ProductName": description.TITLE,
        "ProductVersion": description.VERSION,
    }
    return _VERSION_RESOURCE.format(
        numbers=version_numbers(),
        table=f"{_LANGUAGE:04X}{_UNICODE:04X}",
        strings="\n".join(f"      StringStruct({name!r}, {value!r})," for name, value in strings.items()),
        language=_LANGUAGE,
        code_page=_UNICODE,
    )


def inno_values() -> str:
    """Return the definitions that windows/labkeep.iss includes."""
    values = {
        "Name": description.NAME,
        "Title": description.TITLE,
        "Version": description.VERSION,
        "VersionNumbers": ".".join(map(str, version_numbers())),
        "Summary": description.SUMMARY,
        "Publisher": PUBLISHER,
        "Window": f"{description.WINDOW.name}.exe",
        "Admin": f"{description.ADMIN.name}.exe",
        "ProfileType": description.PROFILE_TYPE,
        "ProfileSuffix": description.PROFILE_SUFFIX,
        "ProfileComment": description.PROFILE_COMMENT[""],
        "LinkScheme": description.LINK_SCHEME,
    }
    lines = [f'#define {name} "{value}"' for name, value in values.items()]
    # Inno Setup reads a script in the system's code page unless it begins so.
    return "\ufeff" + "; Made by packaging/windows_parts.py from packaging/description.py.\n" + "\n".join(lines) + "\n"


def write_parts() -> Path:
    """Write icon, version resources and the script's values into build/windows, and return that folder."""
    WORK.mkdir(parents=True, exist_ok=True)
    pictures = picture_files.drawn(description.ICON, picture_files.ICO_SIZES)
    (WORK / "labkeep.ico").write_bytes(picture_files.ico(pictures))
    (WORK / "description.iss").write_text(inno_values(), encoding="utf-8", newline="\r\n")
    for command in description.COMMANDS:
        (WORK / f"{command.name}.version").write_text(version_resource(command), encoding="utf-8")
    return WORK


def program_options(name: str) -> dict[str, str]:
    """Return the arguments of PyInstaller's EXE that only Windows knows."""
    folder = write_parts()
    return {
        "icon": str(folder / "labkeep.ico"),
        "version": str(folder / f"{name}.version"),
        "manifest": str(MANIFEST),
    }


def installer_command(compiler: str, sign_tool: str) -> list[str]:
    """Return how ISCC is called: quietly, and with the signing command where there is one."""
    signing = [f"/Slabkeep={sign_tool}", "/DSigned"] if sign_tool else []
    return [compiler, "/Q", *signing, str(SCRIPT)]


def main() -> int:
    """Build the installer; returns ISCC's exit status."""
    write_parts()
    command = installer_command(os.environ.get("ISCC", "ISCC.exe"), os.environ.get("LABKEEP_SIGNTOOL", ""))
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
