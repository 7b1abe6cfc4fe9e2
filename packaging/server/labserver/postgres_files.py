"""The text of PostgreSQL's files: settings, who may come in and how, whose account is whose role."""

from labserver.settings import Settings

MADE = "# Made by labkeep-server, which writes it again at the next setup: change the options, not this file.\n"
POOL = 5
"""Connections of one window at most: three of its pool, one that listens, and one that looks who holds a lock."""
BESIDE = 20
"""For what is no window: 4 of labkeep_backup, 3 that PostgreSQL keeps for the superuser, labkeep-admin, monitoring."""
FEWEST = 43
"""Then each login may have ten connections, as many as Labkeep ever gives one (a quarter of what there is)."""
BACKUP_ACCOUNT = "labkeep-backup"
_MAP = "labkeep"


def connections(windows: int) -> int:
    """max_connections for so many windows at once."""
    return max(FEWEST, POOL * windows + BESIDE)


def settings_text(settings: Settings, memory: int, tls: tuple[str, str]) -> str:
    """conf.d/labkeep.conf; *memory* is the machine's, in MiB, *tls* the files of certificate and key."""
    values = {
        "listen_addresses": "'*'",
        "port": str(settings.port),
        "max_connections": f"{connections(settings.windows)}  # {POOL} x {settings.windows} windows + {BESIDE}",
        "superuser_reserved_connections": "3",
        "shared_buffers": f"{max(128, min(8192, memory // 4))}MB",
        # A backup locks every table of every center at once, 25 for each.
        "max_locks_per_transaction": "1024",
        # A prepared transaction keeps its locks without a session that could be ended.
        "max_prepared_transactions": "0",
        "password_encryption": "'scram-sha-256'",
        "ssl": "on",
        "ssl_cert_file": f"'{tls[0]}'",
        "ssl_key_file": f"'{tls[1]}'",
        "ssl_min_protocol_version": "'TLSv1.3'",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C'",
        "log_line_prefix": "'%m [%p] %e %h %u '",
        "log_connections": "on",
        "log_disconnections": "on",
        "log_lock_waits": "on",
        "log_checkpoints": "on",
        # Neither statements nor the values in error details reach the log: they hold names and results.
        "log_statement": "'none'",
        "log_min_error_statement": "'panic'",
        "log_min_duration_statement": "-1",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "'terse'",
    }
    return MADE + "".join(f"{name} = {value}\n" for name, value in values.items())


def hba_text(settings: Settings) -> str:
    """pg_hba.conf: people of Labkeep over TLS with SCRAM, from these networks; nobody else from anywhere.

    "+labkeep_app" are the logins of people. The superuser and labkeep_backup come by the socket only, as accounts of
    this machine: neither has a password that could be guessed.
    """
    lines = [
        ("local", "all", "postgres", "", f"peer map={_MAP}"),
        ("local", "labkeep", "labkeep_backup", "", f"peer map={_MAP}"),
        # People on the server itself, such as who watches it.
        ("local", "labkeep", "+labkeep_app", "", "scram-sha-256"),
        *(("hostssl", "labkeep", "+labkeep_app", network, "scram-sha-256") for network in settings.networks),
    ]
    rows = ("TYPE", "DATABASE", "USER", "ADDRESS", "METHOD"), *lines
    return MADE + "".join(
        ("# " if number == 0 else "") + f"{row[0]:8} {row[1]:9} {row[2]:15} {row[3]:22} {row[4]}\n"
        for number, row in enumerate(rows)
    )


def ident_text() -> str:
    """pg_ident.conf: which account of this machine is which role."""
    rows = (("postgres", "postgres"), ("root", "postgres"), (BACKUP_ACCOUNT, "labkeep_backup"))
    return MADE + "".join(f"{_MAP:8} {account:16} {role}\n" for account, role in rows)
