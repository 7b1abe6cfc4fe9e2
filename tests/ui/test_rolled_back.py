"""The record of a center was put back behind what this window saw: said in front, read on, signed away. All real."""

from contextlib import closing
from pathlib import Path

import psycopg2

from desktop_app.services.session.center_services import CenterServices
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.shell.application import Look
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tests.ui.test_journey import enter
from tools import steps
from tools.driver import Program, click, fill, until

CUT = (
    "SET session_replication_role = replica",
    "DELETE FROM audit_log l USING audit_chain c WHERE l.link = c.link AND c.seq = (SELECT seq FROM audit_head)",
    "DELETE FROM audit_chain WHERE seq = (SELECT seq FROM audit_head)",
    "UPDATE audit_head h SET seq = c.seq, digest = c.digest FROM audit_chain c WHERE c.seq = h.seq - 1",
)


def put_back(program: Program, work: CenterServices) -> None:
    """The newest link of the record and its entries are gone, as if they had never been."""
    (profile,) = program.app.profiles.list()
    assert profile.data_dir is not None
    server = program.app.servers.start_builtin(Path(profile.data_dir))
    with closing(psycopg2.connect(server.admin_dsn(profile.database))) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET search_path = {work.center.schema_name}")
        for statement in CUT:
            cursor.execute(statement)
        connection.commit()


def at_revision(program: Program, work: CenterServices, revision: str) -> None:
    (profile,) = program.app.profiles.list()
    assert profile.data_dir is not None
    server = program.app.servers.start_builtin(Path(profile.data_dir))
    with closing(psycopg2.connect(server.admin_dsn(profile.database))) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE public.centers SET schema_rev = %s WHERE id = %s", (revision, str(work.center.id)))
        connection.commit()


def refused_sample(program: Program, barcode: str) -> str:
    """What the form says to a new sample."""
    click(program.workspace.tabs.samples.new)
    dialog = program.dialog(SampleDialog)
    fill(dialog.fields["name"], "Too late")
    fill(dialog.fields["barcode"], barcode)
    click(dialog.verb)
    text: str = until(lambda: dialog.banner.text, "the form says why")
    click(dialog.cancel)
    program.settle()
    return text


def test_a_center_of_a_newer_program_is_read_only_and_says_so(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        enter(program, day, "berk.user")
        steps.show(program, program.workspace.tabs.samples)
        work = program.workspace.work
        assert work is not None
        at_revision(program, work, "c9999")
        try:
            program.workspace.refresh()
            until(lambda: "only be read" in program.workspace.alarm.text, "the window says why it only reads")
            assert "newer Labkeep" in refused_sample(program, "GOK-OLD")
        finally:
            at_revision(program, work, work.center.schema_rev)
        program.workspace.refresh()
        until(lambda: not program.workspace.alarm.text, "it is over")
        steps.sign_out(program)


def test_the_alarm_stays_in_front_until_a_system_administrator_signs(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        enter(program, day, "berk.user")
        steps.show(program, program.workspace.tabs.samples)
        steps.make_sample(program, "Serum", "GOK-ROLLBACK")
        work = program.workspace.work
        assert work is not None
        assert program.workspace.alarm.text == ""
        put_back(program, work)
        program.workspace.refresh()
        text = until(lambda: program.workspace.alarm.text, "the alarm is shown")
        assert "older state" in text
        notice = program.workspace.alarm.notice
        assert notice is not None
        assert not notice.action, "a user signs nothing"
        assert "older state" in refused_sample(program, "GOK-REFUSED")
        steps.show(program, program.workspace.tabs.documents)
        until(lambda: steps.titles(program.workspace.tabs.documents), "reading goes on")
        steps.sign_out(program)

    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        steps.open_center(program, CLINIC)
        alarm = program.workspace.alarm
        steps.show(program, program.workspace.tabs.samples)
        until(lambda: alarm.text, "the alarm is there after a new start, too")
        click(alarm._step)
        dialog = program.dialog(ReasonDialog)
        click(dialog.cancel)
        until(lambda: alarm.text, "who does not sign keeps the alarm")
        click(alarm._step)
        dialog = program.dialog(ReasonDialog)
        fill(dialog.fields["reason"], "The disk of the server broke.")
        click(dialog.verb)
        until(lambda: not alarm.text, "the alarm is over")
        steps.make_sample(program, "Serum", "GOK-AFTERWARDS")
        steps.sign_out(program)
