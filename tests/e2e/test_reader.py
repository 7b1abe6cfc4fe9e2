"""docs/reader.py, alone: it opens what the program saved, bit for bit, and refuses what was changed."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest

from desktop_app.bootstrap import build
from desktop_app.crypto.identities import PublicIdentity, make_identity
from desktop_app.crypto.key_ring import KeyRing, make_tenant_key, seal_grant
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.crypto.trust_log import sign_entry
from desktop_app.crypto.trust_statements import RootStatement
from desktop_app.crypto.version_statements import VersionStatement, sign_version
from desktop_app.domain.drafts import CenterDraft, DocumentDraft
from desktop_app.domain.rights import Role
from desktop_app.server.programs import find_programs
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.services.installation.setup import InitRequest
from desktop_app.storage.profiles import from_toml, to_toml
from tests.e2e.reader_alone import READER, Reader
from tests.servers import remove_server, sync_nothing
from tests.services.conftest import PASSWORDS, ROOT, Person, World, person
from tests.services.forging import newest, stored_path

CONTENT = b"findings " * 300_000


Row = dict[str, str]


@dataclass(frozen=True)
class Taken:
    """What somebody has in hands: a dump, the stored file of a document, the kit, the profile."""

    dump: Path
    stored: Path
    kit: Path
    profile: Path
    writer: Person

    def table(self, name: str) -> list[Row]:
        """The rows of a table of the dump; a center's is named without its schema."""
        found: list[Row] = []
        self._rows(name, lambda row: found.append(row) or row)  # type: ignore[func-returns-value]  # None, so the row
        return found

    def forged(self, target: Path, name: str, change: Callable[[Row], Row | None]) -> Path:
        """The dump with every row of a table changed (None: left out)."""
        target.write_text(self._rows(name, change), encoding="utf-8", newline="\n")
        return target

    def _rows(self, name: str, change: Callable[[Row], Row | None]) -> str:
        lines: list[str] = []
        columns: list[str] = []
        for line in self.dump.read_text(encoding="utf-8").split("\n"):
            if columns and line != "\\.":
                row = change(dict(zip(columns, line.split("\t"), strict=True)))
                lines += [] if row is None else ["\t".join(row.values())]
                continue
            head = re.fullmatch(rf"COPY (?:public|center_\w+)\.{name} \((.*)\) FROM stdin;", line)
            columns = head[1].replace('"', "").split(", ") if head else []
            lines.append(line)
        return "\n".join(lines)


@pytest.fixture(scope="module")
def own_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An installation whose recovery kit nobody replaces."""
    home = tmp_path_factory.mktemp("home")
    app = build({"LABKEEP_HOME": str(home)})
    draft = person(ROOT, Role.ADMIN, None)
    made = app.set_up.init(InitRequest(display_name="Lab", administrator=draft, password=PASSWORDS[ROOT]))
    world = World(app, made, home)
    sync_nothing(world.admin_dsn)
    try:
        yield world
    finally:
        world.close()
        remove_server(home)


@pytest.fixture(scope="module")
def taken(own_world: World, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """A document of 2.7 MB: its second version, by somebody else than the first, renamed; the key was changed."""
    folder = tmp_path_factory.mktemp("taken away")
    source = folder / "finding.pdf"
    source.write_bytes(b"a first version")
    root = own_world.lab(ROOT)
    center = root.centers.create(CenterDraft(name="Alpha", slug="alpha"))
    writer = own_world.person(Role.USER, "alpha", keep_password=True)
    with root.center(center) as work:
        (saved,) = work.documents.add([source]).saved
        document = work.documents.get(str(saved.id))
        draft = replace(DocumentDraft.of(document), title="\\x00 Bulgu\\ ğüş", tags=("urgent",))
        work.documents.update(document, draft)
        work.keys.rotate()
    source.rename(folder / draft.title)
    (folder / draft.title).write_bytes(CONTENT)
    with own_world.enter(writer) as lab, lab.center("alpha") as work:
        results = work.documents.add([folder / draft.title], on_conflict=OnConflict.VERSION).results
        assert results[0].version == 2, results[0].reason
        stored = stored_path(own_world.store, work, newest(work, work.documents.get(document.id)))
    kit, profile, dump = folder / "kit.txt", folder / "profile.toml", folder / "dump.sql"
    kit.write_text(own_world.made.kit.page, encoding="utf-8")
    profile.write_text(to_toml(own_world.profile), encoding="utf-8")
    dump_to(dump, own_world.admin_dsn)
    return Taken(dump, stored, kit, profile, writer)


def dump_to(path: Path, dsn: str) -> None:
    program = find_programs().path("pg_dump")
    subprocess.run([program, "--format=plain", f"--file={path}", dsn], check=True, timeout=60, capture_output=True)


def test_it_is_short() -> None:
    assert len(READER.read_text(encoding="utf-8").splitlines()) < 250


def test_the_kit_opens_a_document_bit_for_bit(reader: Reader, taken: Taken, tmp_path: Path) -> None:
    said = reader.accept("kit", taken.kit, taken.dump, taken.stored, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT
    assert "\\x00 Bulgu\\ ğüş" in said
    assert "version 2" in said


def test_so_does_the_password_of_a_person(reader: Reader, taken: Taken, tmp_path: Path) -> None:
    words = ("password", taken.writer.username, taken.dump, taken.stored, tmp_path / "out", taken.profile)
    reader.refuse(*words, password="not the one")
    assert not (tmp_path / "out").exists()
    reader.accept(*words, password=taken.writer.password)
    assert (tmp_path / "out").read_bytes() == CONTENT


def test_a_file_that_was_changed_in_any_part_is_refused(reader: Reader, taken: Taken, tmp_path: Path) -> None:
    sealed = taken.stored.read_bytes()
    for number, damaged in enumerate(
        (sealed[:-1], sealed + b"x", sealed[: 2**20], bytes([sealed[0] ^ 1]) + sealed[1:])
    ):
        file = tmp_path / str(number) / taken.stored.name
        file.parent.mkdir()
        file.write_bytes(damaged)
        assert "not the one that was signed" in reader.refuse("kit", taken.kit, taken.dump, file, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def flipped(text: str) -> str:
    """The last hexadecimal digit is another."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def where(row: Row, column: str, value: str, **changes: str) -> Row:
    return row | changes if row[column] == value else row


def second(taken: Taken) -> Row:
    """The row of the version that is opened."""
    (row,) = (row for row in taken.table("document_versions") if row["number"] == "2")
    return row


def first(taken: Taken) -> Row:
    (row,) = (row for row in taken.table("document_versions") if row["number"] == "1")
    return row


def an_entry_changed(taken: Taken, target: Path) -> Path:
    return taken.forged(
        target, "trust_log", lambda row: where(row, "sequence", "3", signature=flipped(row["signature"]))
    )


def an_entry_taken_out(taken: Taken, target: Path) -> Path:
    return taken.forged(target, "trust_log", lambda row: None if row["sequence"] == "3" else row)


def the_log_cut(taken: Taken, target: Path) -> Path:
    last = str(len(taken.table("trust_log")))
    return taken.forged(target, "trust_log", lambda row: None if row["sequence"] == last else row)


def the_log_beginning_with_another_root(taken: Taken, target: Path) -> Path:
    identity = make_identity()
    installation = from_toml(taken.profile.read_text(encoding="utf-8")).installation_id
    entry = sign_entry(RootStatement(identity.public), None, identity, installation)
    changes = {"payload": bytea(entry.payload), "signer": str(entry.signer), "signature": bytea(entry.signature)}
    return taken.forged(target, "trust_log", lambda row: row | changes if row["sequence"] == "1" else None)


def a_key_planted(taken: Taken, target: Path) -> Path:
    """The center's key and the document key are the forger's, sealed to everybody's identity."""
    statement = VersionStatement.from_bytes(bytes.fromhex(second(taken)["statement"][3:]))
    key = make_tenant_key()
    ring = KeyRing(statement.installation_id, statement.center_id, {2: key}, 2)
    token = bytea(ring.wrap(statement.version_id, os.urandom(32)).token)
    publics = {row["id"]: bytes.fromhex(row["public_key"][3:]) for row in taken.table("identities")}

    def sealed(row: Row) -> Row:
        recipient = PublicIdentity.from_bytes(UUID(row["identity_id"]), publics[row["identity_id"]])
        planted = seal_grant(statement.installation_id, statement.center_id, 2, key, recipient)
        return where(row, "key_version", "2", sealed=bytea(planted))

    forged = replace(taken, dump=taken.forged(target, "key_grants", sealed))
    return forged.forged(
        target, "document_keys", lambda row: where(row, "version_id", second(taken)["id"], token=token)
    )


def the_document_key_of_another_version(taken: Taken, target: Path) -> Path:
    (other,) = (row for row in taken.table("document_keys") if row["version_id"] == first(taken)["id"])
    return taken.forged(
        target, "document_keys", lambda row: where(row, "version_id", second(taken)["id"], token=other["token"])
    )


def another_title(taken: Taken, target: Path) -> Path:
    old, new = (word.encode().hex() for word in ("urgent", "normal"))
    return taken.forged(
        target, "document_versions", lambda row: row | {"statement": row["statement"].replace(old, new)}
    )


def the_statement_of_another_version(taken: Taken, target: Path) -> Path:
    other = first(taken)
    changes = {name: other[name] for name in ("statement", "signature")}
    return taken.forged(target, "document_versions", lambda row: where(row, "number", "2", **changes))


def a_signature_of_somebody_unknown(taken: Taken, target: Path) -> Path:
    stranger = make_identity()
    statement = VersionStatement.from_bytes(bytes.fromhex(second(taken)["statement"][3:]))
    statement = replace(statement, signer=stranger.public.id)
    payload, signature = sign_version(statement, stranger)
    changes = {"statement": bytea(payload), "signature": bytea(signature)}
    return taken.forged(target, "document_versions", lambda row: where(row, "number", "2", **changes))


def bytea(data: bytes) -> str:
    return f"\\\\x{data.hex()}"


FORGERIES = {
    an_entry_changed: "does not follow",
    an_entry_taken_out: "does not follow",
    the_log_cut: "signed by nobody",
    the_log_beginning_with_another_root: "another root",
    a_key_planted: "not the trust log's",
    the_document_key_of_another_version: "another document's",
    another_title: "signed by nobody",
    the_statement_of_another_version: "not the one that was signed",
    a_signature_of_somebody_unknown: "signed by nobody",
}


@pytest.mark.parametrize(("forge", "sentence"), FORGERIES.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_a_forged_dump_is_refused(
    reader: Reader, taken: Taken, tmp_path: Path, forge: Callable[[Taken, Path], Path], sentence: str
) -> None:
    dump = forge(taken, tmp_path / "dump.sql")
    assert dump.read_bytes() != taken.dump.read_bytes()
    said = reader.refuse("kit", taken.kit, dump, taken.stored, tmp_path / "out")
    assert sentence in said
    assert not (tmp_path / "out").exists()


def test_another_kit_is_refused(reader: Reader, taken: Taken, tmp_path: Path) -> None:
    kit = tmp_path / "kit.txt"
    kit.write_text(" ".join(RecoveryKit.make().words()), encoding="utf-8")
    assert "another root" in reader.refuse("kit", kit, taken.dump, taken.stored, tmp_path / "out")
