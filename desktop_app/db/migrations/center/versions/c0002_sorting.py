"""Indexes for the orders that lists are sorted in.

Revision ID: c0002
"""

from desktop_app.db.migrations import run_sql

revision = "c0002"
down_revision = "c0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them, as the owner."""
    run_sql(__file__, "indexes.sql")


def downgrade() -> None:
    """Make those of the revision before again."""
    run_sql(__file__, "down.sql")
