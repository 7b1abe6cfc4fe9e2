"""Forms of records whose typing outlasts a crash: opened, and continued."""

from typing import TYPE_CHECKING, Any

from desktop_app.ui.dialogs.form_draft import FormDraft, FormPlace
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.tabs.record_tab import RecordTab

if TYPE_CHECKING:
    from desktop_app.services.session.drafts import Draft


def open_record_form(tab: RecordTab[Any], record: Any | None, left: "Draft | None" = None) -> None:
    """Show the tab's form of this record, or of a new one; with what was left of it by a crash."""
    dialog = tab.make_form(record)
    if dialog is None:
        return
    center_id = tab.work.center.id if tab.of_center and tab.work is not None else None
    names = (str(getattr(record, each, "")) for each in ("name", "title", "username"))
    place = FormPlace(
        tab.record_class.__name__,
        center_id,
        None if record is None else record.id,
        "" if record is None else next((name for name in names if name), ""),
    )
    FormDraft(dialog, tab.context.jobs, tab.context.lab.drafts, place, left)
    tab.open_form(dialog)


def continue_form(tab: RecordTab[Any], left: "Draft") -> None:
    """Open the form again that was left, over the record as it is now."""
    record_id = left.content.record_id
    if record_id is None:
        if not tab.open_left(left):
            open_record_form(tab, None, left)
        return
    source = tab.source()
    if isinstance(source, Source) and (again := source.again) is not None:
        tab.context.jobs.read(tab, "left", lambda: again(record_id), lambda record: open_record_form(tab, record, left))
