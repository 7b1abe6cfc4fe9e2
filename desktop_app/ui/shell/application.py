"""The QApplication: Fusion, our palettes, the system's font and locale, the style sheet."""

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from desktop_app.paths import resources_dir
from desktop_app.ui.foundation import theme
from desktop_app.ui.foundation.theme import Appearance
from desktop_app.ui.shell.labkeep_application import LabkeepApplication

STYLE = "Fusion"
BASE_PIXELS = 13
SWITCH_SECONDS = 0.0005
"""Painting a list is hundreds of calls from Qt into Python; beside a busy worker each waits so long for its turn."""


class Look(QObject):
    """Puts the person's choice of light or dark on the application, and follows the desktop where he chose that."""

    def __init__(self, application: QApplication, appearance: Appearance = Appearance.SYSTEM) -> None:
        super().__init__(application)
        self.application = application
        self._appearance = appearance
        self._shown: theme.Theme | None = None
        application.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self.apply()

    @property
    def appearance(self) -> Appearance:
        """What the person chose."""
        return self._appearance

    def choose(self, appearance: Appearance) -> None:
        """Change the look now."""
        self._appearance = appearance
        self.apply()

    def apply(self) -> None:
        """Set palette and style sheet."""
        dark = self.application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        chosen = theme.chosen(self._appearance, system_is_dark=dark)
        if chosen is self._shown:
            return
        self._shown = chosen
        # setColorScheme() does nothing on plain X11, hence a palette of our own.
        self.application.setPalette(theme.palette(chosen))
        self.application.setStyleSheet(theme.style_sheet(chosen, resources_dir() / "style"))

    def _on_scheme_changed(self) -> None:
        if self._appearance is Appearance.SYSTEM:
            self.apply()


def readable(system: QLocale) -> QLocale:
    """The system's formats, or those of international English where it has only C's, which write "22 11 2026"."""
    return QLocale("en_001") if system.language() == QLocale.Language.C else system


def make_application(arguments: Sequence[str], languages: Sequence[str] | None = None) -> LabkeepApplication:
    """The application object, dressed but for its :class:`Look`; there is one per process.

    It speaks the first of *languages* that it can, or of the system's where none are given.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    # Qt's own locale-aware widgets and ours agree on the person's language and formats.
    QLocale.setDefault(readable(QLocale.system()))
    # Told so, it begins with the style: setStyle() makes it once more, and answers with an object of a class that has
    # so many names that making it is felt.
    application = LabkeepApplication([*arguments, "-style", STYLE])
    wanted = QLocale.system().uiLanguages() if languages is None else languages
    install_translators(application, wanted, resources_dir() / "translations")
    _name_and_font(application)
    return application


def install_translators(application: QApplication, languages: Sequence[str], catalogs: Path) -> list[QTranslator]:
    """Load the sentences of the first language that *catalogs* have, Qt's own with them; return what was loaded."""
    for locale in map(QLocale, languages):
        # The source is English: who prefers it to the languages that follow needs no catalog.
        if locale.language() in (QLocale.Language.C, QLocale.Language.English):
            break
        ours = QTranslator(application)
        if ours.load(locale, "labkeep", "_", str(catalogs)):
            qts = QTranslator(application)
            # Where Qt was not translated, its few words stay English.
            qts.load(locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
            loaded = [qts, ours]
            for each in loaded:
                application.installTranslator(each)
            return loaded
    return []


def apply_style(application: QApplication) -> None:
    """Name, style and font of an application that others made, such as pytest-qt."""
    application.setStyle(STYLE)
    _name_and_font(application)


def _name_and_font(application: QApplication) -> None:
    application.setApplicationName("labkeep")
    application.setApplicationDisplayName("Labkeep")
    application.setDesktopFileName("labkeep")
    font = application.font()
    font.setPixelSize(BASE_PIXELS)
    application.setFont(font)
    # The same that the menu shows; drawn when the desktop asks for it.
    application.setWindowIcon(QIcon(str(resources_dir() / "labkeep.svg")))
