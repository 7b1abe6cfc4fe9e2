"""The recovery kit that is made at set-up, as it is printed, and nothing else: it opens what is in the installation."""

import io
from contextlib import closing
from pathlib import Path
from uuid import UUID

import psycopg2

from desktop_app.bootstrap import build
from desktop_app.crypto.key_ring import KeyRing, open_grant
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.crypto.sealed_stream import associated_data, open_stream
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.services.installation.setup import InitRequest, InitResult
from tests.servers import remove_server
from tests.services.conftest import PASSWORDS, ROOT, person

CONTENT = b"haemoglobin 9.8 g/dL"


def opened(made: InitResult, dsn: str, center: Center, words: str) -> dict[str, bytes]:
    """File names and contents of a center, by the words, the database and the store; no login, no password."""
    installation, schema = made.profile.installation_id, center.schema_name
    found = {}
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM public.identities WHERE user_id IS NULL")
        root = RecoveryKit.from_words(words).identity(UUID(cursor.fetchall()[0][0]))
        cursor.execute(
            f"SELECT key_version, sealed FROM {schema}.key_grants WHERE identity_id = %s", (str(root.public.id),)
        )
        keys = {
            number: open_grant(installation, center.id, number, bytes(sealed), root)
            for number, sealed in cursor.fetchall()
        }
        ring = KeyRing(installation, center.id, keys, max(keys))
        cursor.execute(
            "SELECT v.file_name, v.document_id, v.id, v.file_id, k.key_version, k.token"
            f" FROM {schema}.document_versions v JOIN {schema}.document_keys k ON k.version_id = v.id"
        )
        for name, document, version, file, number, token in cursor.fetchall():
            (path,) = Path(made.profile.store.path).rglob(file)
            target, key = io.BytesIO(), ring.unwrap(UUID(version), number, bytes(token))
            with path.open("rb") as source:
                open_stream(source, target, key, associated_data(center.id, UUID(document), UUID(version)))
            found[name] = target.getvalue()
    return found


def test_the_printed_words_open_every_document_of_every_center(tmp_path: Path) -> None:
    home = tmp_path / "home"
    app = build({"LABKEEP_HOME": str(home)})
    try:
        made = app.set_up.init(InitRequest("Kit lab", person(ROOT, Role.ADMIN, None), password=PASSWORDS[ROOT]))
        assert made.profile.data_dir is not None
        dsn = app.servers.start_builtin(Path(made.profile.data_dir)).admin_dsn(made.profile.database)
        with app.sign_in.sign_in(made.profile, ROOT, PASSWORDS[ROOT]) as lab:
            for slug in ("first", "second"):
                center = lab.centers.create(CenterDraft(name=slug.title(), slug=slug))
                file = tmp_path / f"{slug}.txt"
                file.write_bytes(CONTENT + slug.encode())
                with lab.center(slug) as work:
                    work.documents.add([file])
                assert opened(made, dsn, center, made.kit.page) == {file.name: CONTENT + slug.encode()}
    finally:
        app.close()
        remove_server(home)
