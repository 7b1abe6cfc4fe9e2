"""The editor inside of a field, as the kind that the form has there."""

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from desktop_app.ui.widgets.field import ChoiceBox, Field
from desktop_app.ui.widgets.suggestion_line import SuggestionLine


def line(field: Field | None) -> QLineEdit:
    assert field is not None
    assert isinstance(field.editor, QLineEdit)
    return field.editor


def lines(field: Field) -> QPlainTextEdit:
    assert isinstance(field.editor, QPlainTextEdit)
    return field.editor


def choice(field: Field) -> ChoiceBox:
    assert isinstance(field.editor, ChoiceBox)
    return field.editor


def suggested(field: Field) -> SuggestionLine:
    assert isinstance(field.editor, SuggestionLine)
    return field.editor
