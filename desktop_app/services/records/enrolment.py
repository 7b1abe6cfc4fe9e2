"""A new person: keys made beforehand, then one signed entry and one call of the database, in whoever's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.crypto.trust_statements import EnrolStatement
from desktop_app.db import administration, registry
from desktop_app.db.api_rows import EntryRow, GrantRow
from desktop_app.domain.drafts import UserDraft, check
from desktop_app.domain.ids import new_id
from desktop_app.domain.records import User
from desktop_app.errors import InvalidInputError
from desktop_app.services.context.account_keys import PersonKeys, first_password, make_person_keys
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_log import TrustChange


@dataclass(frozen=True)
class Enrolment:
    """Somebody who is about to be made, with provisional keys that are replaced at the first sign-in."""

    draft: UserDraft
    user_id: UUID
    password: str = field(repr=False)
    keys: PersonKeys = field(repr=False)
    must_change_password: bool

    @classmethod
    def prepare(
        cls, context: PersonContext, draft: UserDraft, password: str | None, *, keep_password: bool
    ) -> "Enrolment":
        """Check the draft and make the keys, which takes a second, before any transaction begins."""
        check(draft)
        user_id = new_id()
        password = first_password(password, draft.username)
        keys = make_person_keys(context.installation_id, user_id, draft.username, password, context.profile.kdf)
        return cls(draft, user_id, password, keys, not keep_password)

    def sign(self, change: TrustChange) -> "SignedEnrolment":
        """The entry that names the person; *change* may sign others in the same transaction."""
        login = self.keys.sign_in.login
        if login in change.state.register.logins:
            raise InvalidInputError({"username": "This user name is taken; user names are never used again."})
        draft, public = self.draft, self.keys.identity.public
        statement = EnrolStatement(
            self.user_id, login, public, draft.role.value, draft.center_id, provisional=True, until=draft.until
        )
        return SignedEnrolment(self, change, change.sign(statement))


@dataclass(frozen=True)
class SignedEnrolment:
    """The same with its entry; the database still has to take it."""

    enrolment: Enrolment
    change: TrustChange
    entry: EntryRow

    @property
    def person(self) -> TrustedPerson:
        """The person as the log names him now."""
        return self.change.person(self.enrolment.user_id)

    def store(self, grants: Sequence[GrantRow]) -> User:
        """Make the login and the rows; *grants* seal the keys of the person's centers to him."""
        enrolment, session = self.enrolment, self.change.session
        administration.create_user(
            session,
            enrolment.user_id,
            enrolment.draft,
            login=enrolment.keys.sign_in.login,
            verifier=enrolment.keys.verifier,
            identity=enrolment.keys.row,
            entry=self.entry,
            grants=grants,
            must_change_password=enrolment.must_change_password,
        )
        return registry.get_user(session, enrolment.user_id)
