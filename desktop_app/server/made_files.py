"""Which files the built-in server made, by name, and taking them away again; removal.py has the rule."""

import re

from desktop_app.server.account import ServiceAccount, current_uid
from desktop_app.server.folders import HALF_MADE, SOCKET_FILES, ServerFolders
from desktop_app.server.removal import delete_files, delete_folder_of_files, delete_tree, opened, opened_inside
from desktop_app.system.atomic_file import TEMPORARY_NAME

# The names of this package's own files; the temporary ones that a kill left behind have TEMPORARY_NAME.
_LOCK_FILES = re.compile(r"(start|users|watcher)\.lock")
_PASSWORD_LENT = re.compile(r"\.initdb-[a-z0-9_]{8}")
_PASSWORD_FILES = re.compile(r"superuser-password(\.new)?")
_MARKER_FILES = re.compile(r"labkeep-server\.json")
_NOTE_FILES = re.compile(r"made-for")
_SETTINGS_FILES = re.compile(rf"watcher\.log|labkeep\.conf|pg_hba\.conf|socket-folder|{TEMPORARY_NAME.pattern}")
_LOG_FILES = re.compile(r"startup\.log|server-(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\.log")
# The top of a data directory (PostgreSQL's manual, 66.1), also one that initdb was stopped in.
_CLUSTER_TOP = re.compile(
    r"PG_VERSION|base|global|pg_(commit_ts|dynshmem|logical|multixact|notify|replslot|serial|snapshots|stat|stat_tmp"
    r"|subtrans|tblspc|twophase|wal|xact|upgrade_output\.d)|pg_(hba|ident)\.conf|postgresql(\.auto)?\.conf(\.tmp)?"
    r"|postmaster\.(pid|opts)|current_logfiles(\.tmp)?|backup_(label|manifest)(\.old)?|tablespace_map(\.old)?"
    r"|(recovery|standby)\.signal|core(\.[0-9]+)?"
)


def delete_half_made(folders: ServerFolders, account: ServiceAccount | None) -> None:
    """Delete what a stopped making left in the home. The caller holds the start lock."""
    server = account.uid if account else current_uid()
    with opened(folders.home, current_uid()) as home:
        delete_tree(home, HALF_MADE, _CLUSTER_TOP, server)
        delete_files(home, _PASSWORD_LENT, server)


def delete_home(folders: ServerFolders, account: ServiceAccount | None) -> None:
    """Delete a stopped server's data by the rule of ``removal.py``; ``folders`` comes from ``existing_folders``.

    A home with anything else in it keeps that and stays. Raises ``ForeignFolderError`` or ``OSError``.
    """
    mine = current_uid()
    if folders.home != folders.data_dir:
        delete_root_home(folders, account)
    else:
        _empty_home(folders, account)
    with opened(folders.data_dir, mine) as data:
        delete_files(data, TEMPORARY_NAME, mine)
        delete_files(data, _PASSWORD_FILES, mine)
        delete_files(data, _MARKER_FILES, mine)


def delete_root_home(folders: ServerFolders, account: ServiceAccount | None) -> None:
    """Delete the home of root's that lies apart from its data folder, which may be gone; as ``delete_home``."""
    mine = current_uid()
    _empty_home(folders, account)
    with opened(folders.home.parent, mine) as shelf:
        with opened_inside(shelf, folders.home.name, mine) as home:
            if home is not None:
                delete_files(home, TEMPORARY_NAME, mine)
                delete_files(home, _NOTE_FILES, mine)
        shelf.rmdir(folders.home.name)


def _empty_home(folders: ServerFolders, account: ServiceAccount | None) -> None:
    mine = current_uid()
    server = account.uid if account else mine
    delete_half_made(folders, account)
    with opened(folders.home, mine) as home:
        delete_tree(home, "cluster", _CLUSTER_TOP, server)
        delete_folder_of_files(home, "log", _LOG_FILES, server)
        delete_folder_of_files(home, "run", SOCKET_FILES, server)
        delete_folder_of_files(home, "settings", _SETTINGS_FILES, mine)
        delete_files(home, _LOCK_FILES, mine)
