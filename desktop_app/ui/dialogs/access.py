"""What may this person see? Center by center, by whose signature, and whether the server says the same."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.domain.access import Access, PlaceAccess
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.text.typed_dates import typed_day
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.small_table import SmallTable
from desktop_app.ui.widgets.styling import column, muted, row

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab


class AccessDialog(QDialog):
    """Reads it when it is opened."""

    def __init__(self, jobs: Jobs, lab: "Lab", user: User, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        entitle(self, _tr("What may {name} see?").format(name=user.display_name))
        self.setModal(True)
        self.banner = Banner(closable=False)
        self.words = muted(_tr("The trust log and the server are being asked…"))
        self.places: SmallTable[PlaceAccess] = SmallTable(_columns(), lambda each: each.center_id, _tr("Places"))
        self.places.hide()
        close = Button(_tr("Close"), kind=Kind.PRIMARY)
        close.clicked.connect(self.accept)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self))
        layout.addWidget(self.banner)
        layout.addWidget(self.words)
        layout.addWidget(self.places)
        layout.addStretch(1)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout.addLayout(buttons)
        fit_to_screen(self, 880, 360)
        jobs.read(self, "access", lambda: lab.access.of(user.id), self._show, self._on_failed)

    def _show(self, access: Access) -> None:
        self.places.set_rows(access.places)
        self.places.setVisible(bool(access.places))
        parts = []
        if not access.is_active:
            parts.append(_tr("The person is deactivated and sees nothing."))
        elif not access.places:
            parts.append(_tr("No center at all."))
        else:
            parts.append(_tr("All samples and documents of these centers, in the role that is named."))
        if not access.is_whole:
            parts.append(_tr("Other administrators' centers are not told."))
        if access.agrees:
            parts.append(_tr("The server's own roles say the same."))
        else:
            text = _tr(
                "What the server lets this login do is not what the trust log says. Tell a system administrator, who "
                "runs the examination of the installation."
            )
            self.banner.say(text, Tone.DANGER)
        self.words.setText(" ".join(parts))

    def _on_failed(self, error: LabkeepError) -> None:
        self.words.hide()
        self.banner.say(sentence(error), tone_of(error))


def _columns() -> tuple[Column[PlaceAccess], ...]:
    return (
        Column(_tr("Center"), lambda each: each.center or _tr("Every center"), 0),
        Column(_tr("Role"), lambda each: _role(each.role), 116),
        Column(
            _tr("Since"),
            lambda each: formatting.short_date(each.since),
            104,
            tip=lambda each: formatting.exact_date(each.since),
        ),
        Column(_tr("Signed by"), lambda each: each.signed_by, 120),
        Column(_tr("Last day"), _until, 104),
        Column(_tr("By the server"), lambda each: _role(each.rights), 116),
    )


def _until(place: PlaceAccess) -> str:
    if place.until is None:
        return ""
    day = typed_day(place.until)
    return _tr("{day}, over").format(day=day) if place.is_over else day


def _role(role: str) -> str:
    return formatting.role_name(Role(role)) if role else _tr("none")


def _tr(text: str) -> str:
    return QCoreApplication.translate("access", text)
