"""Small verbs for the looks that the style sheet knows: headings, muted text, rules, kinds of buttons."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.dialog_size import fit_to_screen

GRID = 8
Layout = TypeVar("Layout", bound=QBoxLayout)


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property that the style sheet asks for, and have the widget drawn anew."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # the style comes to it when it is first shown, and finds the property
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def heading(text: str, level: int) -> QLabel:
    """A heading: 1 is 20 px, 2 is 15 px, 3 the base size, all semi-bold."""
    label = PlainLabel(text)
    label.setProperty("heading", str(level))
    label.setWordWrap(True)
    return label


def muted(text: str = "", *, caption: bool = False) -> QLabel:
    """A wrapping text in the second colour."""
    label = PlainLabel(text)
    label.setProperty("caption" if caption else "muted", "true")
    label.setWordWrap(True)
    return label


def take_any_width(label: QLabel) -> QLabel:
    """Let a wrapping label be as narrow as it must: a word without a break is cut, and pushes nothing out of sight."""
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)  # a new policy forgets what setWordWrap() had set
    label.setSizePolicy(policy)
    label.setMinimumWidth(40)
    return label


def scrolling(page: QWidget, parent: QWidget | None = None) -> QScrollArea:
    """A page that scrolls up and down where there is no room for all of it, without a frame or a ground of its own."""
    page.setProperty("clear", "true")
    scroll = QScrollArea(parent)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(page)
    return scroll


def take_needed_height(window: QWidget, width: int) -> None:
    """Be as high as the texts need at this width: Qt asks them at a width of its own, and shares out what is left."""
    window.ensurePolished()
    layout = window.layout()
    if layout is not None:
        fit_to_screen(window, width, layout.totalHeightForWidth(width))


def rule() -> QFrame:
    """A hairline."""
    line = QFrame()
    line.setProperty("rule", "true")
    line.setFixedHeight(1)
    return line


def column(parent: QWidget | None = None, *, margin: int = 0, gap: int = GRID) -> QVBoxLayout:
    """A column of things on the grid."""
    return _spaced(QVBoxLayout(parent) if parent else QVBoxLayout(), margin, gap)


def row(parent: QWidget | None = None, *, margin: int = 0, gap: int = GRID) -> QHBoxLayout:
    """A row of things on the grid."""
    return _spaced(QHBoxLayout(parent) if parent else QHBoxLayout(), margin, gap)


def _spaced(layout: Layout, margin: int, gap: int) -> Layout:
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(gap)
    return layout


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)
