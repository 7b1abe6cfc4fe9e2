"""What the refusals of our own SQL mean: it raises a name and values, the sentence is here.

A name that is not here says nothing that the sentence of its SQLSTATE does not say (see errors.py).
"""

import json

from desktop_app.domain.fields import NEEDED, OF_OTHER_TYPES
from desktop_app.message import Message

SENTENCES: dict[str, Message] = {
    # Samples
    "sample_archived": Message("An archived sample is read-only."),
    "only_rejected_has_reason": Message("Only a rejected sample has a reason for rejection."),
    "rejection_needs_reason": Message("A rejection needs a reason."),
    "no_such_step": Message("A sample that is {before} cannot become {after}."),
    "no_such_sample_type": Message("The center has no such sample type in use."),
    "responsible_not_member": Message("The responsible person must be an active member of the center."),
    "sample_has_documents": Message("The sample still has documents; delete them or take them off it first."),
    "more_to_delete": Message(
        "Something of it was changed, added or deleted meanwhile; nothing was deleted. Look at it again."
    ),
    "only_admin_archives": Message("Only an administrator of the center archives samples."),
    "no_plan": Message("This is no plan that could be undone."),
    "only_maker_undoes": Message("Only who made these changes, or an administrator of the center, undoes them."),
    # Fields
    "field_name_taken": Message("Another field has this name, or had it when it was created."),
    "too_many_fields": Message("A center has at most 200 fields, those out of use included."),
    "field_needs_value": NEEDED,
    "field_not_of_type": OF_OTHER_TYPES,
    "value_misfits": Message("This value does not fit the field {name}."),
    "too_many_views": Message("You have 200 views; delete some first."),
    # Documents
    "documents_of_archived_sample": Message(
        "The sample is archived: it takes no documents, and its documents are not changed."
    ),
    "statement_about_something_else": Message("The signed statement is not about what shall be saved now."),
    "openings_malformed": Message("What was opened does not have the form that the record takes."),
    "openings_too_many": Message("You opened so many documents today that the record takes no more of you."),
    # Keys
    "rewrapped_keys_malformed": Message("The wrapped keys do not have the form that the database takes."),
    # Reasons
    "reason_required": Message("This center wants a reason for it."),
    "erasing_needs_reason": Message("Erasing needs a reason."),
    "erasing_needs_two": Message(
        "This center wants two administrators for an erasure: ask for it with “labkeep-admin erase request”, or in the "
        "window, and let another one confirm it."
    ),
    "erasure_needs_another": Message("Another administrator than the one who asked confirms an erasure here."),
    "erasure_ended": Message("This erasure was done or withdrawn already."),
    "restored_needs_reason": Message("Say what was restored, and why."),
    # People and places
    "only_system_admin": Message("Only a system administrator may do this."),
    "only_center_admin": Message("Only an administrator of the center may do this."),
    "person_has_other_centers": Message("Only a system administrator may do this: the person has other centers, too."),
    "person_deactivated": Message("This person is deactivated; activate first."),
    "person_active": Message("This person is active already."),
    "own_password_not_reset": Message("Your own password is changed, not reset."),
    "own_place": Message("Nobody changes his own place or ends his own account."),
    "place_held_already": Message("The person has this place already."),
    "member_already": Message("The person belongs there already."),
    "only_center_of_person": Message("This is the person's only center: deactivate the person instead."),
    "member_of_several_centers": Message("This person belongs to several centers: join and leave them one by one."),
    "system_admin_has_no_center": Message("A system administrator has no place in a center; move the person to one."),
    "system_admin_last_day": Message("A system administrator has no last day."),
    "last_day_over": Message("The last day is over already."),
    "last_system_admin": Message("The last system administrator must stay."),
    "last_center_admin": Message("The last administrator of a center must stay."),
    "no_such_role": Message("Roles are viewer, user and admin; without a center only admin."),
    "membership_over": Message("Your membership of this center is over."),
    "rights_of_database_admin": Message("The database's administrator gave this person rights that only he can take."),
    # Keys and signed entries
    "keys_held_already": Message("These keys are somebody's already."),
    "keys_replaced_too_often": Message("You replaced your keys ten times within a day; the next time is tomorrow."),
    "provisional_keys_sign_nothing": Message(
        "Keys that an administrator made sign nothing but their replacement by your own."
    ),
    "signer_not_current": Message("The entry is not signed by your own current identity."),
    "other_kdf": Message("Keys are sealed in the way of this installation."),
    "not_a_verifier": Message("Passwords reach the server as SCRAM verifiers only."),
    "entry_about_something_else": Message("The signed entry does not say what is being done."),
    "entry_too_long": Message("The signed entry is too long."),
    # The installation
    "center_is_open": Message("The center is open: deactivate it before it is deleted."),
    "deleting_center_needs_reason": Message("Say why the center is deleted."),
    "deleted_center_has_files": Message("A center of this id was deleted, and the store still has files of it."),
    "no_center_template": Message("The installation has no template of a center: run labkeep-admin migrate."),
}


def sentence_of(name: str | None, detail: str | None) -> Message | None:
    """The sentence of a refusal: *name* is the message that the server sent, *detail* a JSON object of its values.

    None where there is none, or where the values are not those of the sentence.
    """
    found = SENTENCES.get(name or "")
    if found is None:
        return None
    try:
        values = json.loads(detail or "{}")
        found.template.format(**values)
    except (ValueError, TypeError, KeyError):
        return None
    return Message(found.template, **values)
