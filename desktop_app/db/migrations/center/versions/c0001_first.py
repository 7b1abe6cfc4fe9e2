"""The first tables, rules, record and rights of a center.

Revision ID: c0001
"""

from desktop_app.db.migrations import run_sql

revision = "c0001"
down_revision = None
branch_labels = None
depends_on = None

# In this order: indexes and rules need the tables, the functions the check of the last day, the grants all of it.
_FILES = (
    "tables.sql", "views.sql", "indexes.sql", "rules.sql", "fields.sql", "audit.sql", "erasing.sql", "deletion.sql",
    "reasons.sql", "last_day.sql", "uploads.sql", "functions.sql", "erasure.sql", "statements.sql", "saving.sql",
    "rotation.sql", "openings.sql", "plans.sql", "grants.sql",
)  # fmt: skip


def upgrade() -> None:
    """Make everything, as the owner."""
    run_sql(__file__, *_FILES)


def downgrade() -> None:
    """Drop everything; the schema and its roles stay."""
    run_sql(__file__, "down.sql")
