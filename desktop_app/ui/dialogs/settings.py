"""The settings of a person on this computer: how the window looks, when it locks itself, what a scanner types."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from desktop_app.config import Appearance, Settings, save_settings, settings_problems
from desktop_app.policy import NEVER, Policy
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.field import ChoiceBox, Field

MINUTES = (1, 2, 5, 10, 15, 30, 60)


class SettingsDialog(FormDialog):
    """``saved`` brings the new Settings, which are on the disk by then; what the laboratory fixed is shown as fixed."""

    def __init__(
        self, jobs: Jobs, file: Path, settings: Settings, policy: Policy, parent: QWidget | None = None
    ) -> None:
        text = FormText(self.tr("Settings"), self.tr("Save settings"), self.tr("For you, on this computer."), width=460)
        super().__init__(jobs, text, parent)
        self._file = file
        self._policy = policy
        self._look = Field("appearance", self.tr("&Appearance"), self._looks(settings))
        self._idle = Field(
            "idle_lock_minutes",
            self.tr("Lock the window by i&tself"),
            self._waits(settings),
            self._idle_help(),
        )
        self._prefix = Field(
            "scanner_prefix",
            self.tr("&Prefix of the barcode scanner"),
            QLineEdit(),
            self.tr("Only where the scanner was set up to type something before each code, such as ~; else empty."),
        )
        self._prefix.set_value(settings.scanner_prefix)
        self._idle.edited.connect(self._warn)
        self.set_form(
            [[self._look], [self._idle], [self._prefix], *([field] for field in self._fixed_fields())],
            lambda: settings_problems(self.settings()),
            self._collect_work,
        )
        self._warn()

    def settings(self) -> Settings:
        """What is chosen."""
        return Settings(
            appearance=self._look.value,
            idle_lock_minutes=self._idle.value,
            scanner_prefix=self._prefix.value.strip(),
        )

    def _looks(self, settings: Settings) -> ChoiceBox:
        entries = (
            (icons.icon("monitor"), self.tr("Like the desktop"), Appearance.SYSTEM),
            (icons.icon("sun"), self.tr("Light"), Appearance.LIGHT),
            (icons.icon("moon"), self.tr("Dark"), Appearance.DARK),
        )
        box = ChoiceBox((words, value) for _, words, value in entries)
        for at, (icon, _, _) in enumerate(entries):
            box.setItemIcon(at, icon)
        box.choose(settings.appearance)
        return box

    def _idle_help(self) -> str:
        words = self.tr("Your keys are dropped then, and the window wants your password. Ctrl+L locks it at once.")
        bound = self._policy.idle_lock_minutes
        if bound is None:
            return words
        fixed = self.tr("Set by your laboratory's policy: after {minutes} min at most.")
        return f"{fixed.format(minutes=formatting.number(bound))} {words}"

    def _fixed_fields(self) -> list[Field]:
        """What the person sees and cannot change."""
        entries = (
            ("remember_sign_in", self.tr("Sign-ins are remembered on this computer")),
            ("export", self.tr("Documents are saved, opened and dragged out in clear")),
            ("updates", self.tr("Newer versions of Labkeep are looked for")),
        )
        fields = []
        for name, words in entries:
            if name not in self._policy.fixed:
                continue
            box = QCheckBox(words)
            box.setChecked(name == "updates" and self._policy.updates != NEVER)
            box.setEnabled(False)
            fields.append(Field(name, words, box, self.tr("Set by your laboratory's policy.")))
        return fields

    def _waits(self, settings: Settings) -> ChoiceBox:
        # A number that somebody wrote into the file is offered, too.
        chosen, bound = self._policy.idle_minutes(settings.idle_lock_minutes), self._policy.idle_lock_minutes
        minutes = sorted({*MINUTES, chosen, bound or chosen} - {0})
        offered = [*minutes, 0] if bound is None else [number for number in minutes if number <= bound]
        box = ChoiceBox((self._wait_words(number), number) for number in offered)
        box.choose(chosen)
        box.setEnabled(len(offered) > 1)
        return box

    def _wait_words(self, minutes: int) -> str:
        if minutes == 0:
            return self.tr("Never")
        if minutes == 1:
            return self.tr("After 1 minute without mouse and keyboard")
        return self.tr("After {minutes} minutes without mouse and keyboard").format(minutes=minutes)

    def _warn(self) -> None:
        if self._idle.value == 0:
            self.banner.say(self.tr("Whoever sits down here while you are away works in your name."), Tone.WARNING)
        else:
            self.banner.clear()

    def _collect_work(self) -> Work:
        return _saving(self._file, self.settings())


def _saving(file: Path, settings: Settings) -> Callable[[], Settings]:
    def save() -> Settings:
        save_settings(file, settings)
        return settings

    return save
