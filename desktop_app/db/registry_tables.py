"""The registry's tables as the queries see them; what makes them is the shared line of migrations."""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

registry = MetaData(schema="public")
_TIME = DateTime(timezone=True)


def _base_columns() -> list[Column[object]]:
    return [
        Column("created_at", _TIME),
        Column("updated_at", _TIME),
        Column("created_by", Text),
        Column("updated_by", Text),
        Column("is_active", Boolean),
        Column("row_version", Integer),
    ]


installations = Table(
    "installation",
    registry,
    Column("id", Uuid, primary_key=True),
    Column("epoch", Uuid),
    Column("kdf", Text),
    Column("oldest_client", Text),
    Column("migrated_by", Text),
    Column("created_at", _TIME),
)

centers = Table(
    "centers",
    registry,
    Column("id", Uuid, primary_key=True),
    Column("name", Text),
    Column("slug", Text),
    Column("schema_name", Text),
    Column("description", Text),
    Column("settings", JSONB),
    Column("schema_rev", Text),
    Column("rotation_due", Boolean),
    *_base_columns(),
)

users = Table(
    "users",
    registry,
    Column("id", Uuid, primary_key=True),
    Column("username", Text),
    Column("email", Text),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("phone", Text),
    Column("is_system", Boolean),
    Column("login", Text),
    Column("must_change_password", Boolean),
    *_base_columns(),
)

memberships = Table(
    "memberships",
    registry,
    Column("user_id", Uuid, primary_key=True),
    Column("center_id", Uuid, primary_key=True),
    Column("role", Text),
    Column("until", Date),
)

sign_ins = Table(
    "sign_ins",
    registry,
    Column("id", Integer, primary_key=True),
    Column("user_id", Uuid),
    Column("at", _TIME),
    Column("workstation", Text),
)

identities = Table(
    "identities",
    registry,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid),
    Column("public_key", LargeBinary),
    Column("created_at", _TIME),
    Column("retired_at", _TIME),
)

identity_secrets = Table(
    "identity_secrets",
    registry,
    Column("identity_id", Uuid, primary_key=True),
    Column("user_id", Uuid),
    Column("sealed", LargeBinary),
    Column("kdf", Text),
)

kept_kits = Table(
    "kept_kits",
    registry,
    Column("identity_id", Uuid, primary_key=True),
    Column("at", _TIME),
    Column("login", Text),
)

trust_log = Table(
    "trust_log",
    registry,
    Column("sequence", Integer, primary_key=True),
    Column("payload", LargeBinary),
    Column("signer", Uuid),
    Column("signature", LargeBinary),
    Column("digest", LargeBinary),
    Column("at", _TIME),
)
