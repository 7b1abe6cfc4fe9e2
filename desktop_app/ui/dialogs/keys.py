"""The keys of a center: which is in force, who can open the documents, and a new one for what comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.key_records import CenterKey, HolderKind, KeyHolder
from desktop_app.domain.reasons import ReasonVerb, required_reasons
from desktop_app.errors import LabkeepError
from desktop_app.services.records.key_rotation import Rotation
from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.looking import LookingDialog
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.dialogs.waiting import WaitingDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.file_choice import choose_target
from desktop_app.ui.widgets.small_table import SmallTable
from desktop_app.ui.widgets.styling import heading, muted

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

WIDTH, HEIGHT = 860, 560


@dataclass(frozen=True)
class _Known:
    """What the dialog shows, read at once."""

    keys: tuple[CenterKey, ...]
    holders: tuple[KeyHolder, ...]
    is_due: bool


class KeysDialog(LookingDialog[_Known]):
    """Looks when it opens, when asked, and after a new key."""

    def __init__(self, jobs: Jobs, work: "CenterServices", parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self._work = work
        self._holders: tuple[KeyHolder, ...] = ()
        self._failure = ""
        self.explanation = muted("")
        self.people: SmallTable[KeyHolder] = SmallTable(
            holder_columns(), lambda row: row.identity_id, self.tr("Who can open the documents")
        )
        self.keys: SmallTable[CenterKey] = SmallTable(key_columns(), lambda row: row.number, self.tr("Versions"))
        self._asks_why = ReasonVerb.KEYS in required_reasons(work.center.settings)
        self.renew = Button(self.tr("&New key…") if self._asks_why else self.tr("&New key"), "key-round")
        self.export = Button(self.tr("&Export…"), "download")
        self.body.addWidget(self.explanation)
        self.body.addWidget(heading(self.tr("Who can open the documents"), 3))
        self.body.addWidget(self.people)
        self.body.addWidget(heading(self.tr("Versions"), 3))
        self.body.addWidget(self.keys)
        self.body.addStretch(1)
        self.renew.clicked.connect(self._on_renew)
        self.export.clicked.connect(self._on_export)
        title = self.tr("Keys of {center}").format(center=work.center.name)
        self.begin(title, (WIDTH, HEIGHT), self._fetch_known, self._show_known, (self.renew, self.export))

    def _fetch_known(self) -> _Known:
        keys = self._work.keys
        return _Known(keys.list(), keys.holders(), keys.is_due())

    def _show_known(self, found: _Known) -> None:
        self._holders = found.holders
        self.people.set_rows(found.holders)
        self.keys.set_rows(found.keys)
        active = found.keys[0]
        title = self.tr("Key {number} is in force since {day}").format(
            number=formatting.number(active.number), day=formatting.short_date(active.created_at)
        )
        text = self.tr("Nobody who has left could open it.")
        if found.is_due:
            text = self.tr(
                "Somebody who could open it has left since. Give the center a new key, so that what comes next is "
                "closed to the leaver; what was read or copied before cannot be taken back."
            )
        failure, self._failure = self._failure, ""
        self.say(Tone.WARNING if found.is_due or failure else Tone.GOOD, title)
        self.explanation.setText(failure or text)

    def _on_renew(self) -> None:
        text = FormText(
            self.tr("Give {center} a new key").format(center=self._work.center.name),
            self.tr("Make a new key"),
            self.tr("Every document's key is wrapped under it. Everybody goes on working; no file is touched."),
        )
        if self._asks_why:
            dialog = ReasonDialog(self._jobs, text, lambda reason: reason, self)
            dialog.saved.connect(self._rotate)
            dialog.open()
        else:
            self._rotate("")

    def _rotate(self, reason: str) -> None:
        waiting = WaitingDialog(self.tr("A new key for {center}").format(center=self._work.center.name), self)
        keys, told = self._work.keys, self.tr("{done} of {total} document keys are wrapped…")

        def work(say: Callable[[str], None]) -> Rotation:
            def report(done: int, total: int) -> None:
                say(told.format(done=formatting.number(done), total=formatting.number(total)))

            return keys.rotate(reason, report)

        waiting.run(self._jobs, work, lambda _done: self.look(), self.renew.set_busy, self._on_not_renewed)

    def _on_not_renewed(self, error: LabkeepError) -> None:
        # Whatever is in force now: when that was looked for, this is still to be read.
        self._failure = sentence(error)
        self.look()

    def _on_export(self) -> None:
        name = self.tr("Who can open the documents of {center}.csv").format(center=self._work.center.name)
        keys, holders = self._work.keys, self._holders

        def save(path: Path) -> None:
            self._jobs.write(
                self,
                lambda: keys.export_holders(holders, path),
                lambda saved: self.explanation.setText(self.tr("Saved as {path}.").format(path=saved)),
                busy=self.export.set_busy,
            )

        choose_target(self, self.tr("Export"), name, save)


def holder_columns() -> tuple[Column[KeyHolder], ...]:
    """Who, by what, since when and by whose signature."""
    return (
        Column(_tr("Name"), lambda row: said(row.display_name), 0),
        Column(_tr("As"), lambda row: kind_name(row.kind), 170),
        Column(
            _tr("Since"), lambda row: formatting.short_date(row.since), 110, tip=lambda row: _exact(row), muted=True
        ),
        Column(_tr("Signed by"), lambda row: said(row.signed_by), 150, muted=True),
        Column(_tr("Last sign-in"), _last_sign_in, 110, muted=True),
    )


def key_columns() -> tuple[Column[CenterKey], ...]:
    """The versions, newest first."""
    return (
        Column(_tr("Key"), lambda row: formatting.number(row.number), 64, right=True),
        Column(_tr("State"), lambda row: _tr("in force") if row.state == "active" else _tr("replaced"), 120),
        Column(
            _tr("Created"),
            lambda row: formatting.short_date(row.created_at),
            120,
            tip=lambda row: formatting.exact_date(row.created_at),
            muted=True,
        ),
        Column(_tr("By"), lambda row: row.created_by, 0, muted=True),
    )


def kind_name(kind: HolderKind) -> str:
    """By what somebody holds the keys, in words."""
    return {
        HolderKind.VIEWER: _tr("viewer"),
        HolderKind.USER: _tr("user"),
        HolderKind.ADMIN: _tr("administrator"),
        HolderKind.SYSTEM: _tr("system administrator"),
        HolderKind.KIT: _tr("kept words or file"),
    }[kind]


def _exact(row: KeyHolder) -> str:
    return formatting.exact_date(row.since)


def _last_sign_in(row: KeyHolder) -> str:
    if row.user_id is None:
        return ""
    return formatting.short_date(row.last_sign_in) if row.last_sign_in else _tr("Never")


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)
