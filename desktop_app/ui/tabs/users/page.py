"""The list of users, and what an administrator does with one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QCheckBox, QWidget

from desktop_app.domain.filters import UserFilter
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role, Verb, may
from desktop_app.domain.sorting import NEWEST_USERS
from desktop_app.services.records.user_results import Changed, NewUser
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.made_password import MadePasswordDialog
from desktop_app.ui.dialogs.places import JoinDialog, LeaveDialog, MoveDialog, RoleDialog
from desktop_app.ui.dialogs.reason import ReasonedAct, do_with_reason
from desktop_app.ui.dialogs.user import Home, UserDialog
from desktop_app.ui.dialogs.waiting import WaitingDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.paged import PagedTable, Source
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.tabs.users.columns import user_columns
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.detail import Detail, Fact
from desktop_app.ui.widgets.field import ChoiceBox
from desktop_app.ui.widgets.record_list import RecordList


class UsersTab(RecordTab):
    """Everything one does with users."""

    record_class = User
    of_center = False

    def __init__(self, context: TabContext) -> None:
        model: PagedTable[User] = PagedTable(context.jobs, user_columns(), lambda row: row.id)
        placeholder = self.tr("Search user name, name, email")
        records: RecordList[User] = RecordList(
            context.jobs,
            model,
            self.tr("Users"),
            placeholder,
            (self.tr("1 user"), self.tr("{count} users")),
            sort=NEWEST_USERS,
        )
        model.setParent(records)
        detail = Detail("users", self.tr("Choose a person to see what may be done."))
        super().__init__(context, "users", ("users", self.tr("Users")), records, detail)
        self._model = model
        self._shown: User | None = None
        self._build_list()
        self._build_detail()

    @property
    def _me(self) -> User:
        """Asked each time: one's own role may be changed while the window is open."""
        return self.context.lab.user

    def center_changed(self) -> None:
        """The list may be narrowed to the open center."""
        self._model.show(None)
        self._show(None)
        homeless = self._me.is_system_administrator or self.work is not None
        self.new.set_allowed(
            *(self._may(Verb.MANAGE_USERS) if homeless else (False, self.tr("Choose a center first.")))
        )

    def reload(self) -> None:
        """Read the list; who may not manage users is told so instead."""
        allowed, reason = self._may(Verb.MANAGE_USERS)
        for widget in (self.records.search, self._role, self._where, self._inactive):
            widget.setEnabled(allowed)
        if not allowed:
            self.records.empty.set("shield", self.tr("Users are managed by administrators"), reason)
            self.records.show_empty()
            return
        users = self.context.lab.users
        here = self.work.center.id if self.work is not None and self._where.value else None
        wanted = UserFilter(
            search=self.records.words,
            center_id=here,
            role=self._role.value,
            include_inactive=self._inactive.isChecked(),
        )
        self._set_empty(narrowed=bool(wanted.search or wanted.role))
        sort = self.records.sort
        self._model.show(
            Source(
                (wanted, sort),
                lambda part: users.part(wanted, part, sort),
                lambda cap: users.count(wanted, cap),
                users.get,
            )
        )

    def _build_list(self) -> None:
        self._role = ChoiceBox([(self.tr("All roles"), None), *((formatting.role_name(each), each) for each in Role)])
        self._role.setAccessibleName(self.tr("Role"))
        self._where = ChoiceBox([(self.tr("All centers"), False), (self.tr("The open center"), True)])
        self._where.setAccessibleName(self.tr("Center"))
        self._where.setVisible(self._me.is_system_administrator)
        self._inactive = QCheckBox(self.tr("Show deact&ivated"))
        self.new = Button(self.tr("&New user…"), "user-round-plus", Kind.PRIMARY)
        self.new.set_tip(self.tr("Make a user (Ctrl+N)"))
        for widget in (self._role, self._where):
            self.records.add_filter(widget)
        self.records.add_foot(self._inactive)
        self.records.add_action(self.new)
        self._role.currentIndexChanged.connect(lambda _at: self.reload())
        self._where.currentIndexChanged.connect(lambda _at: self.reload())
        self._inactive.toggled.connect(lambda _on: self.reload())
        self.new.clicked.connect(self._on_create)
        self.records.searched.connect(self.reload)
        self.records.chosen.connect(self._show)
        self.records.empty.acted.connect(self._on_empty_action)
        self.make_new = self.new.click

    def _build_detail(self) -> None:
        self.edit = Button(self.tr("&Edit…"), "pencil")
        self.role = Button(self.tr("Change &role…"), "shield")
        self.join = Button(self.tr("&Add to center…"), "plus")
        self.end = Button(self.tr("&End membership…"), "x")
        self.move_button = Button(self.tr("&Move…"), "building-2")
        self.reset = Button(self.tr("Reset &password…"), "key-round")
        self.active = Button("", "user-round-x")
        for button in (self.edit, self.role, self.join, self.end, self.move_button, self.reset, self.active):
            self.detail.add_button(button)
        self.records.opened.connect(self.edit.click)
        self.records.entered.connect(self.detail.take_focus)
        self.edit.clicked.connect(lambda: self._open(UserDialog))
        self.role.clicked.connect(lambda: self._open(RoleDialog))
        self.join.clicked.connect(lambda: self._open(JoinDialog))
        self.end.clicked.connect(lambda: self._open(LeaveDialog))
        self.move_button.clicked.connect(lambda: self._open(MoveDialog))
        self.reset.clicked.connect(self._on_reset)
        self.active.clicked.connect(self._on_active)
        self.detail.sections.addStretch(1)

    def _may(self, verb: Verb) -> tuple[bool, str]:
        return may(self._me.standing, verb), formatting.why_not(self._me.standing, verb)

    def _set_empty(self, *, narrowed: bool) -> None:
        if narrowed:
            text = self.tr("Nobody fits the search and filters.")
            self.records.empty.set("search", self.tr("Nobody found"), text, self.tr("Show everybody"))
            return
        text = self.tr("A user is a person with a login of his own; the role says what may be done.")
        self.records.empty.set("users", self.tr("No users yet"), text, self.tr("New user…"))

    def _show(self, user: User | None) -> None:
        self._shown = user
        if user is None:
            self.detail.show_nothing()
            return
        badges = [formatting.role_badge(user.standing)]
        if not user.is_active:
            badges.append(formatting.inactive_badge())
        self.detail.show_record(user.display_name, user.username, badges, self._facts(user))
        self._set_buttons(user)
        users = self.context.lab.users
        self.context.jobs.read(
            self, "trusted", lambda: users.suspicious((user,)), lambda found: self._on_compared(user, found)
        )

    def _on_compared(self, user: User, suspicious: frozenset[UUID]) -> None:
        if user.id in suspicious:
            text = self.tr(
                "The database says something else about {name} than the trust log: somebody changed it past Labkeep. "
                "Nothing can be done with this person; tell your system administrator."
            )
            self.context.messages.notice(Notice(text.format(name=user.display_name), Tone.DANGER))

    def _facts(self, user: User) -> list[Fact]:
        created = formatting.when_and_who(user.created_at, user.created_by)
        last = formatting.short_date(user.last_sign_in) or self.tr("never")
        facts: list[Fact] = [
            *self._places(user),
            (self.tr("Email"), user.email),
            (self.tr("Phone"), user.phone),
            (self.tr("Last sign-in"), last, formatting.exact_date(user.last_sign_in)),
            (self.tr("Created"), created, formatting.exact_date(user.created_at)),
        ]
        if user.must_change_password:
            facts.append((self.tr("Password"), self.tr("to be changed at the next sign-in")))
        return facts

    def _places(self, user: User) -> list[Fact]:
        if user.is_system_administrator:
            return [(self.tr("Center"), self.tr("every center"))]
        places: list[Fact] = [(self.tr("Center"), formatting.place(each)) for each in user.memberships]
        if self.context.lab.users.has_other_places(user) and len(user.memberships) < 2:
            places.append((self.tr("Other centers"), self.tr("yes; their administrators decide about those")))
        return places or [(self.tr("Center"), self.tr("none"))]

    def _set_buttons(self, user: User) -> None:
        own = user.id == self._me.id
        whole = self._may(Verb.MANAGE_USERS)
        if not self.context.lab.users.may_administer(user):
            whole = (
                False,
                self.tr("Only a system administrator may do this: the person has other centers, too."),
            )
        self.edit.set_allowed(*whole)
        inactive = (False, self.tr("Activate the person first."))
        myself = (False, self.tr("Nobody changes his own role or ends his own account."))
        for button, verb in (
            (self.role, Verb.MANAGE_USERS),
            (self.end, Verb.MANAGE_USERS),
            (self.join, Verb.MOVE_USERS),
            (self.move_button, Verb.MOVE_USERS),
        ):
            button.set_allowed(*(myself if own else self._may(verb) if user.is_active else inactive))
        if user.is_system_administrator and not own:
            for button in (self.role, self.join):
                button.set_allowed(False, self.tr("A system administrator has no role in a center; move the person."))
        several = self.context.lab.users.has_other_places(user)
        self.end.setVisible(several)
        self.join.setVisible(self._me.is_system_administrator)
        self.move_button.setVisible(not several)
        self.reset.set_allowed(*(myself if own else whole if user.is_active else inactive))
        self.active.setText(self.tr("Deacti&vate…") if user.is_active else self.tr("Acti&vate"))
        self.active.set_kind(Kind.DANGER if user.is_active else Kind.PLAIN)
        self.active.set_allowed(*(myself if own else whole))

    def _open(self, kind: type[UserDialog | RoleDialog | JoinDialog | LeaveDialog | MoveDialog]) -> None:
        user, context = self._shown, self.context
        if user is None:
            return
        dialog: UserDialog | RoleDialog | JoinDialog | LeaveDialog | MoveDialog
        if issubclass(kind, UserDialog):
            dialog = UserDialog(context.jobs, context.lab, None, user, self)
            dialog.saved.connect(self._on_saved)
        else:
            dialog = kind(context.jobs, context.lab, user, self)
            dialog.saved.connect(self._on_departed)
        dialog.stale.connect(self.mark_stale)
        dialog.open()

    def _on_create(self) -> None:
        home = Home(self.work.center.id, self.work.center.name) if self.work is not None else None
        dialog = UserDialog(self.context.jobs, self.context.lab, home, None, self)
        dialog.saved.connect(self._on_made)
        dialog.open()

    def _on_made(self, made: NewUser) -> None:
        self.records.select(made.user.id)
        self._model.upsert(made.user)
        self._show_password(made)

    def _on_reset(self) -> None:
        user, users = self._shown, self.context.lab.users
        if user is None:
            return
        question = Question(
            self.tr("Reset the password of {name}?").format(name=user.display_name),
            self.tr("The old password opens nothing any more. A new first password is made and shown once."),
            self.tr("Reset password"),
            danger=True,
        )

        def reset() -> None:
            text = FormText(question.title, question.verb)
            act = self._reasoned(ReasonVerb.KEYS, text, lambda why: users.reset_password(user.id, reason=why))
            do_with_reason(self, self.context.jobs, act, self._on_reset_done, self.reset.set_busy)

        ask(self, question, reset)

    def _on_reset_done(self, made: NewUser) -> None:
        self._model.upsert(made.user)
        self._show_password(made)

    def _show_password(self, made: NewUser) -> None:
        parent: QWidget = self.window()
        MadePasswordDialog(made.user.display_name, made.user.username, made.password, parent).open()

    def _on_active(self) -> None:
        user, users = self._shown, self.context.lab.users
        if user is None:
            return
        if not user.is_active:
            text = FormText(self.tr("Activate {name}?").format(name=user.display_name), self.active.text())
            act = self._reasoned(ReasonVerb.RESTORE, text, lambda why: users.activate(user.id, why))
            do_with_reason(self, self.context.jobs, act, self._on_saved, self.active.set_busy)
            return
        question = Question(
            self.tr("Deactivate {name}?").format(name=user.display_name),
            self.tr(
                "Login, open sessions and access to every key end at once. What was read or copied before cannot "
                "be taken back."
            ),
            self.tr("Deactivate user"),
            danger=True,
            type_name=user.username,
        )

        def deactivate(why: str) -> None:
            dialog = WaitingDialog(self.tr("Deactivating {name}").format(name=user.display_name), self)
            dialog.run(
                self.context.jobs,
                lambda say: users.deactivate(user.id, say, why),
                self._on_departed,
                busy=self.active.set_busy,
            )

        # The way out has steps and a dialog of its own: only the reason is asked for here.
        act = self._reasoned(ReasonVerb.DEACTIVATE, FormText(question.title, question.verb), lambda why: why)
        ask(self, question, lambda: do_with_reason(self, self.context.jobs, act, deactivate, self.active.set_busy))

    def _reasoned(self, verb: ReasonVerb, text: FormText, act: Callable[[str], Any]) -> ReasonedAct:
        return ReasonedAct(None if self.work is None else self.work.center, verb, text, act)

    def _on_departed(self, departure: Changed) -> None:
        if departure.user.memberships or departure.user.is_system_administrator:
            self._on_saved(departure.user)
        else:
            self._model.remove(departure.user.id)
        if departure.sessions_left is None:
            text = self.tr("{name} is changed; whether open sessions were ended is not known.")
            self.context.messages.notice(Notice(text.format(name=departure.user.display_name), Tone.WARNING))
        elif departure.sessions_left:
            text = self.tr("{count} open sessions of {name} could not be ended. Try again, or restart the server.")
            self.context.messages.notice(
                Notice(text.format(count=departure.sessions_left, name=departure.user.display_name), Tone.DANGER)
            )

    def _on_saved(self, user: User) -> None:
        self.context.messages.say(self.tr("{name} is saved.").format(name=user.display_name))
        if user.is_active or self._inactive.isChecked():
            self._model.upsert(user)
        else:
            self._model.remove(user.id)

    def _on_empty_action(self) -> None:
        if self.records.search.text() or self._role.currentIndex():
            self.records.search.clear()
            self._role.setCurrentIndex(0)
            self.reload()
        else:
            self._on_create()
