"""The first tables, rules, record and rights of a center.

Revision ID: c0001
"""

from desktop_app.db.migrations import run_sql

revision = "c0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything, as the owner."""
    # In this order: indexes and rules need the tables, the grants need all of it.
    run_sql(__file__, "tables.sql", "indexes.sql", "rules.sql", "audit.sql", "erasing.sql", "reasons.sql")
    run_sql(__file__, "uploads.sql", "functions.sql", "statements.sql", "grants.sql")


def downgrade() -> None:
    """Drop everything; the schema and its roles stay."""
    run_sql(__file__, "down.sql")
