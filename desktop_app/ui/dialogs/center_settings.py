"""What a center may set, as fields of a form; settings that are in no field stay as JSON."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit

from desktop_app.domain import health, key_reminder, openings
from desktop_app.domain.openings import OpeningsKept
from desktop_app.domain.reasons import ReasonVerb, erasure_administrators, required_reasons
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.field import ChoiceBox, Field

KEYS, HEALTH, OPENINGS, ERASURE, REASONS = PARTS = ("keys", "health", openings.SETTING, "erasure", "reasons")


class CenterSettings:
    """The fields of the settings; a part that nobody touches is saved as it was."""

    def __init__(self) -> None:
        self.remind = Field(
            f"settings.{KEYS}", _tr("Remind of a new &key after"), QLineEdit(), _tr("Days; empty for no reminder.")
        )
        every = formatting.number(health.EVERY_DAYS)
        self.scrub = Field(
            f"settings.{HEALTH}",
            _tr("&Read all files again after"),
            QLineEdit(),
            _tr("Days; 0 for never, empty for {days}.").format(days=every),
        )
        kept = [(_tr("Every opening"), OpeningsKept.ALL), (_tr("Exports and copies only"), OpeningsKept.EXPORTS)]
        self.openings = Field(f"settings.{OPENINGS}", _tr("On record of &openings"), ChoiceBox(kept))
        needed = [(_tr("One administrator"), 1), (_tr("Two administrators"), 2)]
        self.erasure = Field(f"settings.{ERASURE}", _tr("&To erase it takes"), ChoiceBox(needed))
        self.reasons = {
            verb: Field(f"settings.{REASONS}.{verb.value}", words, QCheckBox()) for verb, words in _verbs().items()
        }
        self._saved: dict[str, Any] = {}
        self._shown: dict[str, Any] = {}
        self.show({})

    @property
    def rows(self) -> list[list[Field]]:
        """As they stand in the form."""
        boxes = list(self.reasons.values())
        return [[self.remind, self.scrub], [self.openings, self.erasure], boxes[:2], boxes[2:4], boxes[4:]]

    def show(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Begin with these; returns those that are in no field."""
        reminder, every = key_reminder.remind_after_days(settings), health.scrub_every_days(settings)
        self.remind.set_value("" if reminder is None else str(reminder))
        self.scrub.set_value(str(every) if HEALTH in settings else "")
        self.openings.set_value(OpeningsKept(settings.get(OPENINGS, OpeningsKept.ALL)))
        self.erasure.set_value(erasure_administrators(settings))
        required = required_reasons(settings)
        for verb, field in self.reasons.items():
            field.set_value(verb in required)
        self._saved = {part: settings[part] for part in PARTS if part in settings}
        self._shown = self._typed()
        return {part: value for part, value in settings.items() if part not in PARTS}

    def problems(self) -> dict[str, str]:
        """Field name to sentence."""
        typed = self._typed()
        given = {part: typed[part] for part in (KEYS, HEALTH) if typed[part] is not None}
        found: dict[str, str] = {}
        if key_reminder.reminder_problem(given):
            most = formatting.number(key_reminder.MOST_DAYS)
            found[self.remind.name] = _tr("A number of days from 1 to {most}, or nothing.").format(most=most)
        if health.health_problem(given):
            most = formatting.number(health.MOST_DAYS)
            found[self.scrub.name] = _tr("A number of days from 0 to {most}, or nothing.").format(most=most)
        return found

    def value(self) -> dict[str, Any]:
        """The parts of the settings that stand in fields."""
        typed = self._typed()
        now = {part: self._saved.get(part) if typed[part] == self._shown[part] else typed[part] for part in PARTS}
        return {part: value for part, value in now.items() if value is not None}

    def _typed(self) -> dict[str, Any]:
        """Each part as the fields say it; None where it says what is usual."""
        required = [verb.value for verb, field in self.reasons.items() if field.value]
        return {
            KEYS: _days("remind_after_days", self.remind),
            HEALTH: _days("scrub_every_days", self.scrub),
            OPENINGS: None if self.openings.value is OpeningsKept.ALL else self.openings.value.value,
            ERASURE: None if self.erasure.value == 1 else {"administrators": self.erasure.value},
            REASONS: {"required": required} if required else None,
        }


def _days(name: str, field: Field) -> dict[str, Any] | None:
    text = str(field.value).strip()
    # What is no number is refused by the rule of the domain.
    return {name: int(text) if text.isdecimal() else text} if text else None


def _verbs() -> dict[ReasonVerb, str]:
    return {
        ReasonVerb.DEACTIVATE: _tr("Deactivating"),
        ReasonVerb.RESTORE: _tr("Restoring"),
        ReasonVerb.DELETE: _tr("Deleting for good"),
        ReasonVerb.ROLE: _tr("Roles and leaving"),
        ReasonVerb.KEYS: _tr("Keys and passwords"),
    }


def _tr(text: str) -> str:
    return QCoreApplication.translate("center_settings", text)
