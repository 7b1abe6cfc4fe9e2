"""The variables that libpq reads behind everybody's back; apart from what needs a database driver."""

from collections.abc import MutableMapping

# What a database administrator who gives a DSN without a password may leave in the environment.
_OF_THE_ADMINISTRATOR = frozenset({"PGPASSWORD", "PGPASSFILE"})


def forget_libpq_environment(environment: MutableMapping[str, str]) -> None:
    """Take libpq's own variables away: it reads them behind everybody's back, where nothing else was said.

    PGSERVICE, PGHOSTADDR, PGOPTIONS and their like lead to another server, another role, a weaker connection.
    """
    for name in [name for name in environment if name.startswith("PG") and name not in _OF_THE_ADMINISTRATOR]:
        del environment[name]
