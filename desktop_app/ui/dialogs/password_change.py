"""Choosing another password: one's own at any time, or the first one of one's own."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QCheckBox, QWidget

from desktop_app.domain.text_rules import PASSWORD_LENGTH, password_problem
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.password_field import PasswordField

Change = Callable[[str, str, bool], Any]
"""Gets the old and the new password, and whether somebody else may know the old one; runs away from the GUI thread."""


class PasswordDialog(FormDialog):
    """Old password (where it is not known yet), new one twice."""

    def __init__(
        self,
        jobs: Jobs,
        username: str,
        change: Change,
        old: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        first = old is not None
        intro = (
            self.tr("Your password was made by somebody else. Choose one that only you know; your keys are made anew.")
            if first
            else self.tr("Your keys are sealed under the new password. Other windows of yours stay signed in.")
        )
        text = FormText(
            self.tr("Choose your password") if first else self.tr("Change password"),
            self.tr("Change password"),
            intro,
            width=460,
        )
        super().__init__(jobs, text, parent)
        self._username = username
        self._change = change
        self._known = old
        help_text = self.tr("At least {count} characters; a short sentence is best.").format(count=PASSWORD_LENGTH)
        self._old = PasswordField("old_password", self.tr("&Old password"))
        self._new = PasswordField("new_password", self.tr("&New password"), help_text)
        self._again = PasswordField("again", self.tr("New password &again"))
        self._exposed = Field(
            "exposed",
            self.tr("&Somebody may know the old one"),
            QCheckBox(),
            self.tr("Ends your other windows, and asks for new keys of your centers."),
        )
        rows = [[self._new], [self._again]]
        self.set_form(rows if first else [[self._old], *rows, [self._exposed]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """Field name to sentence."""
        found: dict[str, str] = {}
        if self._known is None and not self._old.value:
            found["old_password"] = self.tr("Type the password you have now.")
        if problem := password_problem(self._new.value, self._username):
            found["new_password"] = problem
        elif self._new.value == (self._known or self._old.value):
            found["new_password"] = self.tr("The new password must be another one.")
        if self._again.value != self._new.value:
            found["again"] = self.tr("The two are not the same.")
        return found

    def _collect_work(self) -> Work:
        old = self._known if self._known is not None else self._old.value
        new, change, exposed = self._new.value, self._change, bool(self._exposed.value)
        return lambda: change(old, new, exposed)
