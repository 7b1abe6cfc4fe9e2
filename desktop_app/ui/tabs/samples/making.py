"""New samples: an empty form, one with the barcode that was scanned, or one filled from another sample."""

from PySide6.QtCore import QObject

from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.ui.dialogs.sample import SampleDialog
from desktop_app.ui.tabs.record_form import open_record_form
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.widgets.actions import Action, ActionAppearance


class NewSamples(QObject):
    """What the next form of a new sample begins with."""

    def __init__(self, tab: RecordTab[Sample]) -> None:
        super().__init__()  # the tab is not made whole yet
        self._tab = tab
        self._barcode, self._caps_lock = "", False
        self._original: Sample | None = None

    def begin(self, barcode: str = "", original: Sample | None = None, *, caps_lock: bool = False) -> None:
        """Open the form."""
        self._barcode, self._caps_lock, self._original = barcode, caps_lock, original
        open_record_form(self._tab, None)

    def fill(self, dialog: SampleDialog) -> None:
        """Put into a form that is being opened what it begins with."""
        barcode, original = self._barcode, self._original
        self._barcode, self._original = "", None
        if original is not None:
            dialog.copy_of(original)
        if barcode:
            dialog.fill_barcode(barcode, caps_lock=self._caps_lock)

    def copy_action(self) -> Action[Sample]:
        """A new sample that has all of the chosen one but its barcode."""
        tab = self._tab
        return Action(
            "copy_of",
            ActionAppearance(self.tr("C&opy of this sample…"), "copy"),
            lambda sample: self.begin(original=sample),
            lambda _sample: tab.may(Verb.EDIT_SAMPLES),
        )
