"""The registry: installation, centers, people, identities, trust log, record of changes, and the api."""

from desktop_app.db.migrations import SECURITY, run_sql

revision = "s0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything that centers share."""
    run_sql(__file__, "bounds.sql", "tables.sql", "audit.sql", "search.sql", "row_security.sql")
    run_sql(__file__, "security_roles.sql", "security_sessions.sql", role=SECURITY)
    run_sql(__file__, "internal_standing.sql", "internal_trust.sql", "internal_keys.sql", "internal_people.sql")
    run_sql(__file__, "internal_platform.sql", "internal_unfinished.sql", "erasing.sql", "restoring.sql")
    run_sql(__file__, "api_centers.sql", "api_users.sql", "api_access.sql", "api_places.sql", "api_account.sql")
    run_sql(
        __file__,
        "api_kit.sql",
        "api_keys.sql",
        "api_sessions.sql",
        "api_unfinished.sql",
        "api_mending.sql",
        "api_alarms.sql",
    )
    run_sql(__file__, "api_deletion.sql", "center_restoring.sql", "reasons.sql", "grants.sql")
