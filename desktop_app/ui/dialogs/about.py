"""About: what Labkeep is, its version, and honestly what it does not hide."""

import sysconfig
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from desktop_app import __version__
from desktop_app.domain.profiles import Profile
from desktop_app.paths import third_party_licences
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.detail import Facts
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.styling import column, heading, muted, row, rule, take_needed_height

if TYPE_CHECKING:
    from desktop_app.services.maintenance.updates import Update

WIDTH = 520
LICENCES_WIDTH, LICENCES_HEIGHT = 760, 560


class LicencesDialog(QDialog):
    """Who made what Labkeep is made of, and under which terms; a package has all of it in one file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Licences"))
        self.resize(LICENCES_WIDTH, LICENCES_HEIGHT)
        self.text = QPlainTextEdit(self._said())
        self.text.setReadOnly(True)
        done = Button(self.tr("Close"), kind=Kind.PRIMARY)
        done.setDefault(True)
        done.clicked.connect(self.accept)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(done)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(self.text, 1)
        layout.addLayout(buttons)

    def _said(self) -> str:
        path = third_party_licences()
        if path is None:
            return self.tr(
                "This Labkeep runs from its source, with libraries that were installed beside it: the licence of each "
                "is in its folder *.dist-info in {folder}. A package has all of them in one file, which is shown here."
            ).format(folder=sysconfig.get_path("purelib"))
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            return self.tr("{path} cannot be read: {reason}.").format(path=path, reason=error.strerror)


class AboutDialog(QDialog):
    """A page of plain words."""

    def __init__(
        self, profile: Profile | None, parent: QWidget | None = None, *, update: "Update | None" = None
    ) -> None:
        """*update* is what the last look for newer versions found."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("About Labkeep"))
        self.setFixedWidth(WIDTH)
        layout = column(self, margin=24, gap=12)
        top = row(gap=12)
        top.addWidget(IconMark("flask-conical", 32, icons.ACCENT))
        top.addWidget(heading(self.tr("Labkeep {version}").format(version=__version__), 1), 1)
        layout.addLayout(top)
        layout.addWidget(muted(self.tr("Samples and sealed documents for laboratories that share one installation.")))
        if update is not None:
            self._add_update(update, layout.addWidget)
        layout.addWidget(rule())
        for text in self._promises():
            layout.addWidget(muted(text))
        if profile is not None:
            self._add_installation(profile, layout.addWidget)
        layout.addWidget(rule())
        layout.addWidget(muted(self.tr("MIT licence. Icons: Lucide (ISC). Qt for Python (LGPL)."), caption=True))
        done = Button(self.tr("Close"), kind=Kind.PRIMARY)
        done.setDefault(True)
        done.clicked.connect(self.accept)
        self.licences = Button(self.tr("&Licences of what is inside…"), kind=Kind.LINK)
        self.licences.clicked.connect(self._on_licences)
        buttons = row()
        buttons.addWidget(self.licences)
        buttons.addStretch(1)
        buttons.addWidget(done)
        layout.addLayout(buttons)
        take_needed_height(self, WIDTH)

    def _on_licences(self) -> None:
        LicencesDialog(self).open()

    def _promises(self) -> tuple[str, ...]:
        return (
            self.tr(
                "Documents are encrypted on this computer before a byte of them reaches the store; neither the "
                "server's administrator nor a thief of the disk opens one."
            ),
            self.tr(
                "Not encrypted, because they are searched: titles, tags, file names and the data of samples. They are "
                "in the database in clear, for the members of the center and the server's administrator."
            ),
            self.tr("Every change is on the record, with who, when, the old and the new value."),
        )

    def _add_update(self, update: "Update", add: Callable[[QWidget], None]) -> None:
        if update.is_newer:
            banner = Banner(closable=False)
            words = self.tr("Your administrators want Labkeep {version} to be used. {note}")
            banner.say(words.format(version=update.version, note=update.note).strip(), Tone.INFO)
            add(banner)
            if update.place:
                # To be copied by hand: nothing is opened or fetched from here.
                facts = Facts()
                facts.set([(self.tr("It is here"), update.place)])
                add(facts)
        elif update.findings and update.reason is not None:
            banner = Banner(closable=False)
            banner.say(said(update.reason), Tone.WARNING)
            add(banner)

    def _add_installation(self, profile: Profile, add: Callable[[QWidget], None]) -> None:
        facts = Facts()
        server = self.tr("built-in") if profile.host is None else f"{profile.host}"
        facts.set(
            [
                (self.tr("Installation"), profile.display_name),
                (self.tr("Server"), server),
                (self.tr("Store"), str(profile.store)),
                (self.tr("Root"), f"{profile.root_fingerprint[:16]}…", profile.root_fingerprint),
            ]
        )
        add(rule())
        add(facts)
