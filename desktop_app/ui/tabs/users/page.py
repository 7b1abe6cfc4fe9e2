"""The list of users, and what an administrator does with one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.filters import UserFilter
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role, Verb
from desktop_app.domain.sorting import NEWEST_USERS
from desktop_app.services.records.user_results import Changed, NewUser
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText
from desktop_app.ui.dialogs.memberships import JoinDialog, LeaveDialog, MoveDialog, RoleDialog
from desktop_app.ui.dialogs.new_key import new_key_words
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.reason import ReasonedAct, do_with_reason
from desktop_app.ui.dialogs.user import Home, UserDialog
from desktop_app.ui.dialogs.waiting import WaitingDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.tabs.record_form import open_record_form
from desktop_app.ui.tabs.record_tab import Listing, RecordTab
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.tabs.users.columns import user_columns
from desktop_app.ui.tabs.users.facts import user_facts
from desktop_app.ui.tabs.users.leaver import Leaver
from desktop_app.ui.tabs.users.less_well import less_well
from desktop_app.ui.tabs.users.many import ManyUsers
from desktop_app.ui.tabs.users.rules import UserRules
from desktop_app.ui.tabs.users.sheets import UserSheets
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed, Rank
from desktop_app.ui.widgets.buttons import Kind, naming
from desktop_app.ui.widgets.detail import Detail
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.list_filters import CenterScope, ChoiceFilter, Owner

PlaceDialog = RoleDialog | JoinDialog | LeaveDialog | MoveDialog


@dataclass(frozen=True)
class _Act:
    """What is done to a person, by which button."""

    action: str
    text: FormText
    run: Callable[[str], Any]
    """Gets the reason."""


class UsersTab(RecordTab[User]):
    """Everything one does with users."""

    record_class = User
    icon = "users"
    of_center = False

    def __init__(self, context: TabContext, parent: QWidget | None = None) -> None:
        listing = Listing(
            "users",
            user_columns(),
            (self.tr("1 user"), self.tr("{count} users")),
            self.tr("Search user name, name, email"),
            NEWEST_USERS,
        )
        super().__init__(context, listing, parent)
        self._rules = UserRules(context.lab)
        self._role = ChoiceFilter(
            self.tr("Role"),
            [(self.tr("All roles"), None), *((formatting.role_name(each), each) for each in Role)],
            self.records,
        )
        self.scope = CenterScope(self.records)
        self.add_filter(self.scope)
        self.add_filter(self._role)
        self.records.empty.acted.connect(self.scope.keep)
        self.many = ManyUsers(self)
        self._add_actions()
        self.leaver = Leaver(self)
        self.sheets = UserSheets(self, lambda: self.wanted)
        self.records.opened.connect(self.edit.click)
        self.records.entered.connect(self.detail.take_focus)
        self.detail.sections.addStretch(1)

    @classmethod
    def title(cls) -> str:
        """Its name in the bar."""
        return QCoreApplication.translate("UsersTab", "Users")

    def make_detail(self, parent: QWidget) -> Detail:
        """Its right side."""
        return Detail(parent)

    def may(self, verb: Verb) -> Allowed:
        """Whether the person may do this somewhere, whatever center is open, and if not, why."""
        return self._rules.may(verb)

    def source(self) -> Source[User] | EmptyWords:
        """The people whom the person administers; who may not manage users is told so instead."""
        allowed, reason = self.may(Verb.MANAGE_USERS)
        for widget in (self.records.search, self._role, self._inactive):
            widget.setEnabled(allowed)
        self.scope.set_allowed(allowed and self.work is not None, self.tr("No center is open.") if allowed else reason)
        if not allowed:
            return EmptyWords("shield", self.tr("Users are managed by administrators"), reason)
        users, sort, wanted = self.context.lab.users, self.records.sort, self.wanted
        return Source(
            (wanted, sort),
            lambda part: users.part(wanted, part, sort),
            lambda cap: users.count(wanted, cap),
            users.get,
        )

    @property
    def wanted(self) -> UserFilter:
        """What is asked of the list."""
        return UserFilter(
            search=self.records.words,
            center_id=self.scope.value.id if self.scope.is_set else None,
            role=self._role.value,
            include_inactive=self._inactive.isChecked(),
        )

    def center_changed(self) -> None:
        """The chip follows."""
        work = self.work
        self.scope.follow(None if work is None else Owner(work.center.id, work.center.name))
        super().center_changed()

    def take_filters_off(self, _record: User | None = None) -> None:
        """The chip stays for who is of its center."""
        stays = _record is not None and self.scope.is_set and self._is_in_scope(_record)
        super().take_filters_off(_record)
        if stays:
            self.scope.put_on()

    def add_made(self, record: User) -> None:
        """Who was made in another center is shown among all."""
        if not self._is_in_scope(record):
            self.scope.take_off()
            self.reload()
        super().add_made(record)

    def put_saved(self, record: User) -> None:
        """Who has no place in the chip's center any more is not in the list."""
        super().put_saved(record)
        if not self._is_in_scope(record):
            self.records.model.remove(record.id)

    def _is_in_scope(self, user: User) -> bool:
        center = self.scope.value
        return center is None or user.membership(center.id) is not None

    def show_record(self, record: User, before: User | None) -> None:
        """Show a person, and look whether the trust log says the same of him."""
        del before
        badges = [formatting.role_badge(record.standing)]
        facts = user_facts(record, has_other_places=self._has_other_places(record))
        if not record.is_active:
            badges.append(formatting.inactive_badge())
        self.detail.show_record(record.display_name, record.username, badges, facts)
        users = self.context.lab.users
        self.context.jobs.read(
            self, "trusted", lambda: users.suspicious((record,)), lambda found: self._on_compared(record, found)
        )
        trust = self.context.lab.trust
        self.context.jobs.read(
            self,
            "fingerprint",
            lambda: trust.fingerprint(record.id),
            lambda found: self.detail.facts.set([*facts, (self.tr("Fingerprint"), found.words, found.digits)]),
            lambda _error: None,
        )

    def nothing_yet(self) -> EmptyWords:
        """What a user is."""
        text = self.tr("A user is a person with a login of his own; the role says what may be done.")
        return EmptyWords("users", self.tr("No users yet"), text, self.tr("New user…"))

    def nothing_fits(self) -> EmptyWords:
        """The way back to all."""
        text = self.tr("Nobody fits the search and filters.")
        return EmptyWords("search", self.tr("Nobody found"), text, self.tr("Show everybody"))

    def _add_actions(self) -> None:
        new = ActionAppearance(self.tr("&New user…"), "user-round-plus", Kind.PRIMARY, self.tr("Make a user (Ctrl+N)"))
        self.new = self.add_own_action(
            Action(
                "new",
                new,
                lambda _none: self._on_create(),
                lambda _none: self._rules.make(center_is_open=self.work is not None),
                keys=["Ctrl+N"],
            )
        )
        edit = ActionAppearance(self.tr("&Edit…"), "pencil")
        self.edit = self.add_action(Action("edit", edit, self._on_edit, self._rules.administer, rank=Rank.EDIT))
        self._add_places()
        reset = ActionAppearance(self.tr("Reset &password…"), "key-round")
        self.reset = self.add_action(Action("reset", reset, self._on_reset, self._rules.reset))
        either = self.tr("Deactivate or restore")
        active = Action(
            "active",
            self._active_appearance,
            self._on_active,
            self._rules.end,
            words=either,
            do_for_many=self.many.change_active,
        )
        self.active = self.add_action(active)

    def _add_places(self) -> None:
        role, join = (
            ActionAppearance(self.tr("Change &role…"), "shield"),
            ActionAppearance(self.tr("&Add to center…"), "plus"),
        )
        end, move = (
            ActionAppearance(self.tr("&End membership…"), "x"),
            ActionAppearance(self.tr("&Move…"), "building-2"),
        )
        self.role = self.add_action(
            Action(
                "role",
                role,
                lambda user: self._open(RoleDialog, user),
                self._rules.change_role,
                do_for_many=self.many.change_role,
            )
        )
        self.join = self.add_action(
            Action(
                "join",
                join,
                lambda user: self._open(JoinDialog, user),
                self._rules.join,
                lambda _user: self.context.lab.user.is_system_administrator,
                do_for_many=self.many.join,
            )
        )
        self.end = self.add_action(
            Action(
                "end",
                end,
                lambda user: self._open(LeaveDialog, user),
                self._rules.leave,
                self._has_other_places,
                do_for_many=self.many.leave,
            )
        )
        self.move_button = self.add_action(
            Action(
                "move",
                move,
                lambda user: self._open(MoveDialog, user),
                self._rules.move,
                lambda user: not self._has_other_places(user),
            )
        )

    def _active_appearance(self, user: User) -> ActionAppearance:
        if user.is_active:
            return ActionAppearance(self.tr("Deacti&vate…"), "user-round-x", Kind.DANGER)
        return ActionAppearance(self.tr("&Restore"), "rotate-ccw")

    def _has_other_places(self, user: User) -> bool:
        return self.context.lab.users.has_other_places(user)

    def _on_compared(self, user: User, suspicious: frozenset[UUID]) -> None:
        if user.id in suspicious:
            text = self.tr(
                "The database says something else about {name} than the trust log: somebody changed it past Labkeep. "
                "Nothing can be done with this person; tell your system administrator."
            )
            self.context.messages.notice(Notice(text.format(name=user.display_name), Tone.DANGER))

    def _on_edit(self, user: User) -> None:
        open_record_form(self, user)

    def make_form(self, record: User | None) -> FormDialog | None:
        """Of a person, or of a new one in the center that is open."""
        home = Home(self.work.center.id, self.work.center.name) if record is None and self.work is not None else None
        dialog = UserDialog(self.context.jobs, self.context.lab, home, record, self)
        dialog.saved.connect(self._on_made if record is None else self._on_saved)
        return dialog

    def _open(self, kind: type[PlaceDialog], user: User) -> None:
        dialog = kind(self.context.jobs, self.context.lab, user, self)
        dialog.saved.connect(self._on_deactivated)
        self.open_form(dialog)

    def _on_create(self) -> None:
        open_record_form(self, None)

    def _on_made(self, made: NewUser) -> None:
        self.add_made(made.user)
        self._show_password(made)

    def _on_reset(self, user: User) -> None:
        users = self.context.lab.users
        question = Question(
            self.tr("Reset the password of {name}?").format(name=user.display_name),
            self.tr("The old password opens nothing any more. A new first password is made and shown once."),
            naming(self.tr("Reset password of {name}"), user.username),
            danger=True,
        )

        def reset() -> None:
            text = FormText(question.title, question.verb)
            act = _Act("reset", text, lambda why: users.reset_password(user.id, reason=why))
            self._do(user, ReasonVerb.KEYS, act, self._on_reset_done)

        ask(self, question, reset)

    def _on_reset_done(self, made: NewUser) -> None:
        self.records.model.upsert(made.user)
        self._tell(made)
        self._show_password(made)

    def _show_password(self, made: NewUser) -> None:
        parent: QWidget = self.window()
        OneTimePasswordDialog(made.user.display_name, made.user.username, made.password, parent).open()

    def _on_active(self, user: User) -> None:
        users = self.context.lab.users
        if not user.is_active:
            text = FormText(self.tr("Restore {name}?").format(name=user.display_name), self.active.text())
            act = _Act("active", text, lambda why: users.activate(user.id, why))
            self._do(user, ReasonVerb.RESTORE, act, self._on_saved)
            return
        offer, why_offered = new_key_words()
        question = Question(
            self.tr("Deactivate {name}?").format(name=user.display_name),
            self.tr(
                "Login, open sessions and access to every key end at once. What was read or copied before cannot "
                "be taken back."
            ),
            naming(self.tr("Deactivate user {name}"), user.username),
            danger=True,
            type_name=user.username,
            option=offer,
            option_help=why_offered,
        )

        def deactivate(why: str, new_keys: bool) -> None:
            dialog = WaitingDialog(self.tr("Deactivating {name}").format(name=user.display_name), self)
            dialog.run(
                self.context.jobs,
                lambda say: users.deactivate(user.id, say, why, new_keys=new_keys),
                self._on_deactivated,
                busy=self.action("active").set_busy,
            )

        # The way out has steps and a dialog of its own: only the reason is asked for here.
        act = _Act("active", FormText(question.title, question.verb), lambda why: why)

        def confirmed() -> None:
            new_keys = asked.option.isChecked()
            self._do(user, ReasonVerb.DEACTIVATE, act, lambda why: deactivate(why, new_keys))

        asked = ask(self, question, confirmed)

    def _do(self, user: User, verb: ReasonVerb, act: "_Act", then: Callable[[Any], None]) -> None:
        """The person's centers say whether a reason is needed, and no other one that happens to be open."""
        users, jobs, busy = self.context.lab.users, self.context.jobs, self.action(act.action).set_busy
        jobs.read(
            self,
            f"{verb} {user.id}",
            lambda: users.wants_reason(user.id, verb),
            lambda needed: do_with_reason(self, jobs, ReasonedAct(needed, act.text, act.run), then, busy),
        )

    def _on_deactivated(self, changed: Changed) -> None:
        if changed.user.memberships or changed.user.is_system_administrator:
            self._on_saved(changed.user)
        else:
            self.records.model.remove(changed.user.id)
        self.leaver.offer(changed.user)
        self._tell(changed)

    def _tell(self, done: Changed | NewUser) -> None:
        for notice in less_well(done):
            self.context.messages.notice(notice)

    def _on_saved(self, user: User) -> None:
        self.context.messages.say(self.tr("{name} is saved.").format(name=user.display_name))
        self.put_saved(user)
