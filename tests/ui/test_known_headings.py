"""Whatever a list or an export calls a column, the import of the same records knows without being told."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QApplication

from desktop_app.domain.fields import FieldKind
from desktop_app.domain.sheets import plain_heading
from desktop_app.services.sheets import field_columns, sample_columns, user_columns
from desktop_app.services.sheets.sample_import import sheet_fields
from desktop_app.ui.models.columns import Column
from desktop_app.ui.tabs.samples import columns as samples
from desktop_app.ui.tabs.users.columns import user_columns as columns_of_users
from tests.ui.fake_fields import defined

FIELDS = (
    defined("volume_ml", FieldKind.NUMBER, unit="ml"),
    defined("Name", FieldKind.TEXT),
    defined("a=b, c", FieldKind.TEXT),
    defined("Hacim (µl)", FieldKind.NUMBER, unit="µl"),
)
GOES_OUT_ONLY = {plain_heading(each) for each in ("Created", "Updated", "Last sign-in", "Id", "Status", "Documents")}


def titles(columns: Sequence[Column[Any]]) -> list[str]:
    return [each.title for each in columns]


def test_every_heading_of_an_export_of_samples_is_its_field() -> None:
    coming = [*sample_columns.HEADINGS, *(f"{sample_columns.OF_METADATA}{each.key}" for each in FIELDS)]
    everything = [*coming, *sample_columns.SHOWN_ONLY]
    headings = [sample_columns.heading_of(name, FIELDS) for name in everything]
    assert len(set(headings)) == len(everything), "each its own"
    assert [sample_columns.field_named(heading, FIELDS) for heading in headings] == everything
    assert sheet_fields(headings, FIELDS).named == (*coming, *([""] * len(sample_columns.SHOWN_ONLY)))


def test_every_heading_of_an_export_of_users_is_its_field() -> None:
    headings = [*user_columns.HEADINGS.values(), *user_columns.SHOWN_ONLY.values()]
    assert user_columns.user_fields(headings).named == (
        *user_columns.HEADINGS,
        *([""] * len(user_columns.SHOWN_ONLY)),
    )


def test_every_heading_of_an_export_of_fields_is_its_property() -> None:
    assert field_columns.field_fields(list(field_columns.HEADINGS.values())).named == tuple(field_columns.HEADINGS)


def test_every_column_of_the_list_of_users_is_known(qapp: QApplication) -> None:
    del qapp
    for title in titles(columns_of_users()):
        [named] = user_columns.user_fields([title]).named
        assert named or plain_heading(title) in GOES_OUT_ONLY, title


def test_every_column_of_the_list_of_samples_is_known(qapp: QApplication) -> None:
    del qapp
    for title in titles((*samples.sample_columns(), *samples.field_columns(FIELDS))):
        assert sample_columns.field_named(title, FIELDS) or plain_heading(title) in GOES_OUT_ONLY, title
