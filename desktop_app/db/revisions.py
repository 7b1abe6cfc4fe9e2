"""Which revisions of the database this program works with; known without loading Alembic, which takes its time."""

SHARED = ("s0001",)
CENTER = ("c0001", "c0002")
"""Both lines from their beginning, as the folders of migrations have them."""
WORKABLE = 2
"""Expand, then contract: a program works with the newest revision that it knows and the one before."""


def is_known(line: tuple[str, ...], revision: str) -> bool:
    """Whether a revision is of this program, and not of a newer one."""
    return revision in line


def is_workable(line: tuple[str, ...], revision: str) -> bool:
    """Whether a revision is recent enough to write into."""
    return revision in line[-WORKABLE:]
