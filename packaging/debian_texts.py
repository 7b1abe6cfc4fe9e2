"""The texts of the Debian package: control file, copyright, changelog, scripts, units of systemd."""

import re
import textwrap
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from pathlib import PurePosixPath

import description

FOLDER = PurePosixPath("usr/lib") / description.NAME
"""Where the package's folder lies; /opt is for programs that no package manager of the system brings."""
SERVER = PurePosixPath("usr/share") / description.NAME / "server"
"""Where the modules of labkeep-server lie."""
CONFFILES = (description.POLICY_FILE,)
DATA_OF_PEOPLE = ("~/.config/labkeep", "~/.local/share/labkeep", "~/.local/state/labkeep", "~/.cache/labkeep")
DATA_OF_ROOT = "/var/lib/labkeep"


def control(architecture: str, installed_bytes: int, depends: str, version: str, maintainer: str) -> str:
    """The control file; *installed_bytes* is the size of all files."""
    paragraphs = [textwrap.wrap(text, 78) for text in description.DESCRIPTION]
    text = "\n .\n".join("\n".join(f" {line}" for line in lines) for lines in paragraphs)
    fields = {
        "Package": description.NAME,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": maintainer,
        "Installed-Size": str(-(-installed_bytes // 1024)),
        "Depends": depends,
        "Recommends": ", ".join(description.RECOMMENDED),
        "Suggests": ", ".join(description.SUGGESTED),
        "Section": "science",
        "Priority": "optional",
    }
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{head}Description: {_synopsis()}\n{text}\n"


def _synopsis() -> str:
    """A line that does not begin with a capital letter nor end with a full stop."""
    return description.SUMMARY[0].lower() + description.SUMMARY[1:]


def depends(libraries: set[str], glibc: str) -> str:
    """The packages that bring these libraries, and the files that Qt reads; SystemExit for a library of nobody."""
    unknown = sorted(libraries - set(description.SYSTEM_LIBRARIES))
    if unknown:
        raise SystemExit(f"packaging/description.py says of no package that it brings {', '.join(unknown)}.")
    packages = {description.SYSTEM_LIBRARIES[name] for name in libraries} | set(description.SYSTEM_FILES)
    return ", ".join(f"{name} (>= {glibc})" if name == "libc6" else name for name in sorted(packages))


def copyright_file(licence_text: str) -> str:
    """The copyright file (machine-readable, 1.0)."""
    holder = re.search(r"^Copyright \(c\) (.+)$", licence_text, re.MULTILINE)
    if holder is None:
        raise SystemExit("LICENSE names no holder of the copyright.")
    # The body of the licence, without its heading and the line of the holder.
    body = licence_text[holder.end() :].strip()
    lines = "\n".join(f" {line}" if line.strip() else " ." for line in body.splitlines())
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        f"Upstream-Name: {description.TITLE}\n\n"
        f"Files: *\nCopyright: {holder[1]}\nLicense: Expat\n{lines}\n\n"
        f"Files: {FOLDER}/_internal/*\n"
        "Copyright: the authors of each library\n"
        "License: third-party\n"
        f" The licences of all libraries inside are in /usr/share/doc/{description.NAME}/third-party-licences.txt.gz.\n"
    )


def changelog(version: str, maintainer: str, moment: datetime) -> str:
    """The changelog in Debian's form; what changed for people is in the project's own."""
    return (
        f"{description.NAME} ({version}) unstable; urgency=medium\n\n"
        f"  * {description.TITLE} {version}. What changed is in CHANGELOG.md.gz beside this file.\n\n"
        f" -- {maintainer}  {format_datetime(moment)}\n"
    )


def scripts() -> Mapping[str, str]:
    """The maintainer scripts by name."""
    return {
        "postinst": _script(f"""\
            if [ "$1" = configure ]; then
                if [ -d /run/systemd/system ]; then
                    systemctl --system daemon-reload >/dev/null || true
                fi
                if [ -n "${{2:-}}" ]; then
                    for program in /proc/[0-9]*/exe; do
                        case $(readlink "$program" 2>/dev/null || true) in
                            "/{FOLDER}/"*" (deleted)")
                                echo "{description.TITLE} is running as it was before: close it, and open it again."
                                break
                                ;;
                        esac
                    done
                fi
            fi
            """),
        "postrm": _script(f"""\
            if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
                systemctl --system daemon-reload >/dev/null || true
            fi
            if [ "$1" = purge ]; then
                rmdir /etc/{description.NAME} 2>/dev/null || true
                echo "What people keep with {description.TITLE} was not touched: in each home"
                echo "    {" ".join(DATA_OF_PEOPLE)}"
                echo "and, where root used it, {DATA_OF_ROOT}. A built-in server keeps its samples and its"
                echo "sealed documents there: delete them only if nobody needs them any more."
            fi
            """),
    }


def _script(body: str) -> str:
    return f"#!/bin/sh\nset -e\n{textwrap.dedent(body)}"


def server_program() -> str:
    """labkeep-server, which sets up the lab's server (packaging/server)."""
    return (
        "#!/bin/sh\n"
        "command -v python3 >/dev/null || { echo 'labkeep-server needs the package python3.' >&2; exit 1; }\n"
        f'PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/{SERVER} exec python3 -s -m labserver.command "$@"\n'
    )


def backup_service() -> str:
    """A unit for backups that an administrator of the system schedules, one for each file in /etc/labkeep.

    People schedule their own by ``labkeep-admin backup --every``, which writes units of the same form.
    """
    return (
        f"[Unit]\nDescription=Backup of the {description.TITLE} installation %i\n"
        f"Documentation=man:{description.ADMIN.name}(1)\n"
        f"ConditionPathExists=/etc/{description.NAME}/backup-%i.conf\n\n"
        "[Service]\nType=oneshot\nUMask=0077\n"
        f"# LABKEEP_PROFILE names the installation; ARGUMENTS are the folder and options of {description.ADMIN.name}\n"
        "# backup, as in: ARGUMENTS=/srv/backups --keep 14 --dsn-file /etc/labkeep/backup.dsn\n"
        f"EnvironmentFile=/etc/{description.NAME}/backup-%i.conf\n"
        f"ExecStart=/usr/bin/{description.ADMIN.name} backup $ARGUMENTS\n"
    )


def backup_timer() -> str:
    """The timer of that unit; a time at which the computer was off is made up for."""
    return (
        f"[Unit]\nDescription=Backups of the {description.TITLE} installation %i\n"
        f"Documentation=man:{description.ADMIN.name}(1)\n\n"
        "[Timer]\nOnCalendar=*-*-* 02:00:00\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )
