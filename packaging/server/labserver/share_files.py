"""The text of Samba's file: one share, encrypted, for known accounts, whose folders the file system's groups guard."""

from labserver.settings import Settings

MADE = "# Made by labkeep-server, which writes it again at the next setup: change the options, not this file.\n"
MEMBERS = "labkeep-share"
"""The group of all who may enter the share at all; not that of the account labkeep, which built-in servers run as."""
SHARE = "labkeep"
SNAPSHOT_FORMAT = "@GMT-%Y.%m.%d-%H.%M.%S"
_GLOBAL = {
    "server role": "standalone server",
    "server string": "Labkeep",
    "security": "user",
    "passdb backend": "tdbsam",
    "map to guest": "never",
    "restrict anonymous": "2",
    "server min protocol": "SMB3_11",
    "client min protocol": "SMB3_11",
    "server signing": "mandatory",
    "server smb encrypt": "required",
    "ntlm auth": "ntlmv2-only",
    "disable netbios": "yes",
    "smb ports": "445",
    "load printers": "no",
    "printing": "bsd",
    "printcap name": "/dev/null",
    "disable spoolss": "yes",
    "usershare max shares": "0",
    "unix extensions": "no",
    "logging": "file",
    "log file": "/var/log/samba/log.smbd",
    "max log size": "10000",
    # Who connected and who was refused; names of files are ids anyway.
    "log level": "1 auth_audit:3",
}
_SHARE = {
    "valid users": f"@{MEMBERS}",
    "guest ok": "no",
    "read only": "no",
    "browseable": "yes",
    # What is made in a center's folder belongs to the center's group (setgid), which alone reads and writes it.
    "create mask": "0660",
    "force create mode": "0660",
    "directory mask": "2770",
    "force directory mode": "2770",
    # Nobody changes permissions from a workstation.
    "nt acl support": "no",
    "store dos attributes": "no",
    "map archive": "no",
    "ea support": "no",
    "follow symlinks": "no",
    "wide links": "no",
    # A flush of the workstation is one of the disk: what Labkeep reports saved outlives a power cut.
    "strict sync": "yes",
}


def smb_text(settings: Settings, snapshots: str | None) -> str:
    """smb.conf; *snapshots* is the folder of the store's snapshots, None where its file system has none."""
    allowed = " ".join((*settings.networks, "127.0.0.1", "::1"))
    parts = {**_GLOBAL, "hosts allow": allowed}
    share = {"path": settings.store, **_SHARE}
    if snapshots is not None:
        share |= {
            "vfs objects": "shadow_copy2",
            "shadow:snapdir": snapshots,
            "shadow:basedir": settings.store,
            "shadow:format": SNAPSHOT_FORMAT,
            "shadow:sort": "desc",
        }
    return MADE + _section("global", parts) + "\n" + _section(SHARE, share)


def _section(name: str, values: dict[str, str]) -> str:
    return f"[{name}]\n" + "".join(f"   {key} = {value}\n" for key, value in values.items())


def foreign_shares(text: str) -> list[str]:
    """The shares of an smb.conf that neither Debian's package nor this program put there."""
    names = [line.strip()[1:-1].strip() for line in text.splitlines() if line.strip().startswith("[")]
    return [name for name in names if name.lower() not in ("global", "homes", "printers", "print$", SHARE)]
