"""A new key for a center of many documents, against the Fernet operations that it cannot do without."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg2
from cryptography.fernet import Fernet
from psycopg2.extras import execute_values

from desktop_app.domain.drafts import CenterDraft
from desktop_app.services.session.center_services import CenterServices
from tests.benchmarks.harness import Figure, held_against, interleave
from tests.benchmarks.place import Place


def rotating(at: Place, documents: int, rounds: int) -> list[Figure]:
    """Every document key is opened, wrapped and opened again: three operations each, beside as many raw ones."""
    # A center of its own: in the other ones are documents of other measurements.
    work = at.lab.center(at.lab.centers.create(CenterDraft(name="Rotation", slug="rotation")))
    _fill(at, work, documents)
    fernet, text = Fernet(Fernet.generate_key()), b"k" * 72

    def raw() -> None:
        for _ in range(documents):
            token = fernet.encrypt(text)
            fernet.decrypt(token)
            fernet.decrypt(token)

    name = f"{documents:,} documents"
    taken = interleave({"Labkeep": lambda: work.keys.rotate(), f"{3 * documents:,} raw Fernet operations": raw}, rounds)
    found = held_against(f"rotate the key of {name}", "Labkeep", taken, {})
    return [Figure(**{**vars(found[0]), "budget": f"{8 * documents / 100_000:g} s"}), *found[1:]]


def _fill(at: Place, work: CenterServices, documents: int) -> None:
    """Document keys alone: a rotation reads nothing else."""
    ring = work._context.keys().ring()

    def rows() -> Iterator[tuple[str, int, bytes]]:
        for _ in range(documents):
            version_id = uuid4()
            yield str(version_id), 1, ring.wrap(version_id, b"d" * 32).token

    with psycopg2.connect(at.admin_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        table = f"{work.center.schema_name}.document_keys"
        execute_values(
            cursor, f"INSERT INTO {table} (version_id, key_version, token) VALUES %s", rows(), page_size=1000
        )
        cursor.execute(f"ANALYZE {table}")
