"""The sign-in page: installation, user name, password; one click for the demo's people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from desktop_app.deferred import deferred, load
from desktop_app.domain.profiles import Profile
from desktop_app.domain.text_rules import normal_username
from desktop_app.errors import InvalidInputError, LabkeepError, RefusedError
from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.shell.ready_installation import ReadyInstallation
from desktop_app.ui.shell.recovery_link import RecoveryLink
from desktop_app.ui.shell.startup_services import StartupServices
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.field import ChoiceBox, Field
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.password_field import PasswordField
from desktop_app.ui.widgets.styling import clear, column, heading, muted, row, rule, scrolling

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab
    from desktop_app.services.session.sign_in import SignInService
    from desktop_app.ui.shell import deferred_parts
else:
    deferred_parts = deferred("desktop_app.ui.shell.deferred_parts")


@dataclass(frozen=True)
class _SignInOptions:
    """What is known of an installation before signing in."""

    remembered: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    """Whose window was locked here: they type their passwords, remembered or not."""
    keyring: str = "available"
    accounts: tuple[Any, ...] = field(default=())
    """The demo's people, where the profile is the demo's."""


class SignInPage(QWidget):
    """Brings a Lab, or says under the fields why not."""

    painted = Signal()
    """It is seen for the first time; until then nothing is loaded that it does not show."""
    signed_in = Signal(object)
    set_up_asked = Signal()
    import_asked = Signal()

    def __init__(
        self, startup: StartupServices, jobs: Jobs, window_state: WindowState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("page", "true")
        self._startup = startup
        self._jobs = jobs
        self._window_state = window_state
        self._options = _SignInOptions()
        self._was_painted = False
        self._is_entering = False
        self.banner = Banner(closable=False)
        self.profile = ChoiceBox()
        self.username = QLineEdit()
        password = PasswordField("password", self.tr("&Password"))
        self.password = password.line
        self.remember = QCheckBox(self.tr("&Remember me on this computer"))
        self.verb = Button(self.tr("Sign in"), "arrow-right", Kind.PRIMARY)
        self._forget = Button(self.tr("Forget"), kind=Kind.LINK)
        self.recover = RecoveryLink(startup, jobs)
        self._keyring = muted(caption=True)
        self._accounts = column(gap=8)
        self._accounts_box = QWidget()
        self._fields = {
            "profile": Field("profile", self.tr("&Installation"), self.profile),
            "username": Field("username", self.tr("&User name"), self.username),
            "password": password,
        }
        self._build()
        self._connect()

    def offer(self, profiles: Sequence[Profile], preferred: Profile | None = None) -> None:
        """The installations to choose from."""
        self.profile.offer((profile.display_name, profile) for profile in profiles)
        self._fields["profile"].setVisible(len(profiles) > 1)
        last = self._window_state.last_profile
        chosen = preferred or next((each for each in profiles if each.installation_id == last), None)
        if chosen is not None:
            self.profile.choose(chosen)
        self._on_profile()

    def choose(self, installation: UUID | str) -> bool:
        """Choose an installation by its id or name; False where it is not offered."""
        return self.profile.choose_where(lambda each: installation in (each.installation_id, each.display_name))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say when it is seen for the first time.

        After this turn of the event loop, which paints what lies on it, and the next one, which takes what was typed
        and clicked while the window came.
        """
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, lambda: QTimer.singleShot(0, self, self._on_painted))

    def begin(self) -> None:
        """The page is in front: the cursor stands where one goes on."""
        (self.password if self.username.text() else self.username).setFocus()

    def leave(self) -> None:
        """What the person signed in for is shown: the next one may sign in."""
        self._is_entering = False
        self._set_busy(False)

    def submit(self) -> None:
        """Sign in with what stands in the fields."""
        profile = self.profile.value
        if profile is None or self.verb.is_busy:
            return
        self.banner.clear()
        if not self.password.text() and self._opens_without_password():
            user = normal_username(self.username.text())
            self._start(lambda: self._startup.sign_in.sign_in_remembered(profile, user))
            return
        problems = self._problems()
        for name, shown in self._fields.items():
            shown.show_problem(problems.get(name, ""))
        if problems:
            next(iter(self._fields[name] for name in self._fields if name in problems)).editor.setFocus()
            return
        user, password, remember = self.username.text(), self.password.text(), self.remember.isChecked()
        self._start(lambda: _typed(self._startup.sign_in, profile, user, password, remember=remember))

    def sign_in_as(self, username: str, password: str) -> None:
        """One click: for the demo's people."""
        self.username.setText(username)
        self.password.setText(password)
        self.submit()

    def go_on_with(self, ready: ReadyInstallation) -> None:
        """Sign its person in, or let him type the password; the installation is the one that is chosen."""
        if ready.password:
            self.sign_in_as(ready.username, ready.password)
        elif ready.username:
            self.username.setText(ready.username)
            self.password.setFocus()
        if ready.note:
            self.banner.say(ready.note, ready.tone)

    def _build(self) -> None:
        card = Card(margin=24, gap=16)
        card.setFixedWidth(420)
        top = row(gap=12)
        top.addWidget(IconMark("flask-conical", 40, icons.ACCENT))
        words = column(gap=0)
        words.addWidget(heading(self.tr("Labkeep"), 1))
        self._where = muted()
        words.addWidget(self._where)
        top.addLayout(words, 1)
        card.body.addLayout(top)
        card.body.addSpacing(8)
        card.body.addWidget(self.banner)
        for shown in self._fields.values():
            card.body.addWidget(shown)
        line = row()
        line.addWidget(self.remember)
        line.addStretch(1)
        line.addWidget(self._forget)
        card.body.addLayout(line)
        card.body.addWidget(self._keyring)
        self.verb.setMinimumHeight(36)
        card.body.addWidget(self.verb)
        self._build_accounts(card)
        side = row()
        side.addStretch(1)
        side.addWidget(card)
        side.addStretch(1)
        inside = QWidget()
        column(self).addWidget(scrolling(inside))
        layout = column(inside, margin=24, gap=16)
        layout.addStretch(2)
        layout.addLayout(side)
        layout.addLayout(self._links())
        layout.addStretch(3)

    def _build_accounts(self, card: Card) -> None:
        inside = column(self._accounts_box, gap=8)
        inside.addWidget(rule())
        inside.addWidget(
            muted(self.tr("This is the demo: everything in it is invented. Sign in with one click as"), caption=True)
        )
        inside.addLayout(self._accounts)
        self._accounts_box.hide()
        card.body.addWidget(self._accounts_box)

    def _links(self) -> Any:
        links = row(gap=24)
        links.addStretch(1)
        for text, signal in (
            (self.tr("Set up a &new installation"), self.set_up_asked),
            (self.tr("I have a &profile file"), self.import_asked),
        ):
            button = Button(text, kind=Kind.LINK)
            button.clicked.connect(signal)
            links.addWidget(button)
        links.addWidget(self.recover)
        links.addStretch(1)
        return links

    def _connect(self) -> None:
        self.profile.currentIndexChanged.connect(lambda _at: self._on_profile())
        self.username.textChanged.connect(lambda _text: self._show_remembered())
        self.username.returnPressed.connect(self._on_user_entered)
        self.password.returnPressed.connect(self.submit)
        self.verb.clicked.connect(self.submit)
        self._forget.clicked.connect(self._on_forget)
        self.recover.recovered.connect(self.go_on_with)
        self._forget.hide()
        self._keyring.hide()

    def _problems(self) -> dict[str, str]:
        found = {}
        if not normal_username(self.username.text()):
            found["username"] = self.tr("Type your user name.")
        if not self.password.text():
            found["password"] = self.tr("Type your password.")
        return found

    def _is_remembered(self) -> bool:
        return normal_username(self.username.text()) in self._options.remembered

    def _opens_without_password(self) -> bool:
        return self._is_remembered() and normal_username(self.username.text()) not in self._options.locked

    def _on_user_entered(self) -> None:
        if self._opens_without_password():
            self.submit()
        else:
            self.password.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_profile(self) -> None:
        profile = self.recover.profile = self.profile.value
        self._options = _SignInOptions()
        self._show_options()
        if profile is None:
            return
        self._where.setText(profile.display_name)
        self.username.setText(self._window_state.last_user(profile.installation_id))
        if self._was_painted:
            self._read_options(profile)

    def _on_painted(self) -> None:
        self.painted.emit()
        if self.profile.value is not None:
            self._read_options(self.profile.value)

    def _read_options(self, profile: Profile) -> None:
        self._jobs.read(
            self,
            "options",
            lambda: _read_sign_in_options(self._startup, profile),
            self._on_sign_in_options,
            lambda _error: None,
        )

    def _on_sign_in_options(self, options: _SignInOptions) -> None:
        self._options = options
        self._show_options()
        if not self.username.text() and options.remembered:
            self.username.setText(options.remembered[0])
            # Only now: the answer may come while the person types, and must not move the cursor then.
            self.begin()

    def _show_options(self) -> None:
        can = self._options.keyring == "available"
        self.remember.setEnabled(can)
        if not can:
            self.remember.setChecked(False)
        self._keyring.setText("" if can else self._keyring_words())
        self._keyring.setVisible(not can)
        clear(self._accounts)
        for account in self._options.accounts:
            button = Button(account.label, "user-round", Kind.ACCOUNT)
            button.set_tip(f"{account.username} · {account.password}")
            button.clicked.connect(lambda _on=False, who=account: self.sign_in_as(who.username, who.password))
            self._accounts.addWidget(button)
        self._accounts_box.setVisible(bool(self._options.accounts))
        self._show_remembered()

    def _keyring_words(self) -> str:
        match self._options.keyring:
            case "none":
                return self.tr("This computer offers no safe place for it, so it cannot be remembered.")
            case "plaintext":
                return self.tr("This computer would keep it unencrypted, so Labkeep does not remember it here.")
            case "forbidden":
                return self.tr("Set by your laboratory's policy: no sign-in is remembered on this computer.")
        return self.tr("The system's password store does not answer.")

    def _show_remembered(self) -> None:
        known = self._is_remembered()
        self._forget.setVisible(known)
        self.remember.setVisible(not known)
        locked = known and not self._opens_without_password()
        hint = self.tr("Labkeep was locked: type your password") if locked else self.tr("Remembered by this computer")
        self.password.setPlaceholderText(hint if known else "")

    def _start(self, work: "Callable[[], Lab]") -> None:
        def signed_in() -> "Lab":
            # Whoever signs in at once is before the background: what comes next is not to be loaded in the GUI thread.
            load(deferred_parts)
            return work()

        self._jobs.write(self, signed_in, self._on_signed_in, self._on_failed, self._set_busy)

    def _set_busy(self, busy: bool) -> None:
        # The workspace is made in some turns of the event loop: until it is shown, nobody signs in once more.
        busy = busy or self._is_entering
        self.verb.set_busy(busy)
        self.verb.setText(self.tr("Signing in…") if busy else self.tr("Sign in"))
        for widget in (self.profile, self.username, self.password, self._accounts_box):
            widget.setEnabled(not busy)

    def _on_signed_in(self, lab: "Lab") -> None:
        self._is_entering = True
        self._set_busy(True)
        self.password.clear()
        self._window_state.last_profile = lab.profile.installation_id
        self._window_state.keep_user(lab.profile.installation_id, lab.user.username)
        self.signed_in.emit(lab)

    def _on_failed(self, error: LabkeepError) -> None:
        # Before the focus is set: a field that is still disabled does not take it.
        self._set_busy(False)
        if isinstance(error, deferred_parts.PasswordChangeNeededError):
            self._ask_new_password()
            return
        if isinstance(error, InvalidInputError):
            rest = {name: text for name, text in error.problems.items() if name not in self._fields}
            for name, shown in self._fields.items():
                shown.show_problem(error.problems.get(name, ""))
            if rest:
                self.banner.say(" ".join(rest.values()))
            return
        self.banner.say(sentence(error), tone_of(error))
        self.password.setFocus()
        if isinstance(error, RefusedError):
            self.password.clear()
            # What was remembered may be forgotten by now.
            self._read_options(self.profile.value)

    def _ask_new_password(self) -> None:
        profile, user, old = self.profile.value, self.username.text(), self.password.text()
        remember, service = self.remember.isChecked(), self._startup.sign_in

        def change(_old: str, new: str, _exposed: bool) -> "Lab":
            return _typed(service, profile, user, old, remember=remember, new_password=new)

        dialog = deferred_parts.PasswordDialog(self._jobs, normal_username(user), change, old, self)
        dialog.saved.connect(self._on_signed_in)
        dialog.open()

    def _on_forget(self) -> None:
        profile, user = self.profile.value, normal_username(self.username.text())
        service = self._startup.sign_in
        self._jobs.write(
            self,
            lambda: service.forget(profile, user),
            lambda _none: self._on_profile(),
            lambda error: self.banner.say(sentence(error), tone_of(error)),
            self._forget.set_busy,
        )


def _typed(service: "SignInService", profile: Profile, user: str, password: str, **more: Any) -> "Lab":
    lab = service.sign_in(profile, user, password, **more)
    service.note_unlocked(lab)
    return lab


def _read_sign_in_options(startup: StartupServices, profile: Profile) -> _SignInOptions:
    service = startup.sign_in
    accounts = startup.demo.accounts_of(profile)
    try:
        keyring = service.credential_state().value
    except LabkeepError:
        keyring = "unknown"
    remembered = tuple(service.remembered_names(profile))
    locked = tuple(name for name in remembered if service.is_locked(profile, name))
    return _SignInOptions(remembered, locked, keyring, accounts)
