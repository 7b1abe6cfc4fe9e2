"""The model of cells that are typed and pasted into."""

from PySide6.QtCore import QAbstractItemModel
from pytestqt.modeltest import ModelTester

from desktop_app.ui.models.cell_grid import CellGrid


def test_the_model_keeps_what_qt_asks_of_models(qtmodeltester: ModelTester) -> None:
    grid: QAbstractItemModel = CellGrid(("A", "B"))
    qtmodeltester.check(grid)
    assert isinstance(grid, CellGrid)
    grid.put(200, (1, None), [("x", "y"), ("z",)])
    assert grid.rows[200:] == (("", "x"), ("", "z"))
    grid.show_problems({(201, 1): "No."})
    grid.empty([(200, 1), (201, 1)])
    assert grid.is_empty
