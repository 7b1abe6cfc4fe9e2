"""A center and its first administrator by one form, on real services: who was named works there at once."""

from desktop_app.domain.rights import Role
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.shell.application import Look
from tests.ui.journey_fixture import ADMIN, OWN_PASSWORD, Day
from tools import steps
from tools.driver import Program, click, fill
from tools.steps import Account

TOGETHER = "Named Together"


def test_who_is_named_in_the_form_administers_the_new_center(day: Day, look: Look) -> None:
    with Program(day.home, look) as program:
        steps.sign_in(program, ADMIN)
        centers, users = program.workspace.tabs.centers, program.workspace.tabs.users
        steps.show(program, users)
        steps.show(program, centers)
        click(centers.new)
        dialog = program.dialog(CenterDialog)
        for name, value in (("name", TOGETHER), ("username", "Tom.Admin"), ("email", "tom@lab.example")):
            fill(dialog.fields[name], value)
        steps.submit(program, dialog)
        password = program.dialog(OneTimePasswordDialog).password.text()
        steps.pass_on_password(program)
        assert centers.detail.title.text() == TOGETHER
        steps.show(program, users)
        click(users.scope)
        program.settle()
        assert "tom.admin" in steps.titles(users), "the list that was read before knows him"
        steps.sign_out(program)
        steps.enter(program, Account("tom.admin", password))
        steps.choose_own_password(program, OWN_PASSWORD)
        work = program.workspace.work
        assert work is not None
        assert work.center.name == TOGETHER
        assert [place.role for place in program.workspace.context.lab.user.memberships] == [Role.ADMIN]
