"""The record of a center: written by what people do, checked on their own workstation, and never rolled back unseen."""

from collections.abc import Callable

import pytest
from psycopg2 import sql

from desktop_app.domain.audit import AuditFault
from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.paging import Part
from desktop_app.domain.records import SampleType
from desktop_app.errors import RefusedError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import World

At = Callable[[str, str], CenterServices]


def make_sample(work: CenterServices, name: str) -> None:
    work.samples.create(SampleDraft(name=name, sample_type=SampleType.BLOOD))


def test_the_record_is_sound_and_remembered(world: World, at: At) -> None:
    work = at("a.admin", "alpha")
    make_sample(work, "on the record")
    verdict = work.audit.verify()
    assert verdict.is_sound
    remembered = world.app.sign_in.remembered.audit_head(world.profile.installation_id, work.center.id)
    assert remembered is not None
    assert (remembered.sequence, remembered.digest) == (verdict.head.seq, verdict.head.digest)
    assert work.audit.head() == verdict.head
    with pytest.raises(RefusedError):
        at("a.user", "alpha").audit.verify()


def test_a_record_cut_to_an_older_sound_state_is_noticed(world: World, at: At) -> None:
    """The superuser takes the last link, its entries and the head back: the chain is sound, but it was longer."""
    work = at("a.admin", "alpha")
    make_sample(work, "before")
    before = work.audit.verify().head
    make_sample(work, "to be forgotten")
    world.put_openings_down()
    later = work.audit.verify().head
    assert later.seq > before.seq
    schema = work.center.schema_name
    connection = world.superuser()
    try:
        with connection.cursor() as cursor:
            for table in ("audit_log", "audit_chain"):
                name = sql.Identifier(schema, table)
                cursor.execute(
                    sql.SQL("CREATE TABLE public.{} AS TABLE {}").format(sql.Identifier(f"kept_{table}"), name)
                )
            names = {"log": sql.Identifier(schema, "audit_log"), "chain": sql.Identifier(schema, "audit_chain")}
            newer = sql.SQL("SELECT link FROM {chain} WHERE seq > %s").format(**names)
            cursor.execute(
                sql.SQL("DELETE FROM {log} WHERE link IN ({newer})").format(newer=newer, **names), (before.seq,)
            )
            cursor.execute(sql.SQL("DELETE FROM {chain} WHERE seq > %s").format(**names), (before.seq,))
            head = sql.SQL("UPDATE {} SET seq = %s, digest = %s").format(sql.Identifier(schema, "audit_head"))
            cursor.execute(head, (before.seq, before.digest))
            verdict = work.audit.verify()
            assert (verdict.fault, verdict.broken_at) == (AuditFault.FORGOTTEN, later.seq)
            cursor.execute(head, (later.seq, later.digest))
            for table, overriding in (("audit_log", "OVERRIDING SYSTEM VALUE"), ("audit_chain", "")):
                statement = (
                    f"INSERT INTO {schema}.{table} {overriding} TABLE public.kept_{table} ON CONFLICT DO NOTHING"
                )
                cursor.execute(statement)
                cursor.execute(f"DROP TABLE public.kept_{table}")
    finally:
        connection.close()
    assert work.audit.verify().is_sound


def test_what_values_name_is_named(world: World, at: At) -> None:
    """People and the center's own fields and types have a name; what nobody knows has none."""
    admin, user = at("a.admin", "alpha"), at("a.user", "alpha")
    field = admin.fields.create(FieldDraft(name=world.unused("Named Box"), kind=FieldKind.TEXT))
    person = world.lab("a.user").user
    draft = SampleDraft(name="named", sample_type="blood", user_id=person.id, metadata={field.key: "3"})
    made = user.samples.create(draft)
    [entry] = user.audit.timeline(made.id)
    assert entry.names[str(person.id)] == entry.who
    assert entry.names[f"metadata.{field.key}"] == field.name
    assert entry.names["sample_type.blood"] == "Blood"
    assert str(made.id) not in entry.names


def test_what_values_of_the_installation_s_record_name_is_named(world: World) -> None:
    lab = world.lab("root.admin")
    # The oldest ones: others may have made many people since.
    places = [
        entry for entry in lab.audit.part(AuditFilter(table_name="memberships"), Part(from_end=True)) if entry.new
    ]
    assert places
    for entry in places:
        assert entry.new is not None
        assert entry.names[entry.new["user_id"]]
        assert entry.names[entry.new["center_id"]]
    somebody_s = [
        entry for entry in lab.audit.part(AuditFilter(table_name="identities"), Part(from_end=True)) if entry.new
    ]
    named = {entry.label.split(" · ")[0] for entry in somebody_s if entry.new and entry.new.get("user_id")}
    assert "a.admin" in named
