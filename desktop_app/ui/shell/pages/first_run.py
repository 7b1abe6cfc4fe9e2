"""The first start: where, who, and the recovery kit; three pages with working defaults."""

from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QWidget

from desktop_app.domain.drafts import UserDraft
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.services.installation.setup import InitRequest, InitResult
from desktop_app.ui.dialogs.kit_page import KitPage
from desktop_app.ui.foundation.jobs import Job, Jobs
from desktop_app.ui.shell.pages.first_run_pages import PersonPage, Place, PlacePage
from desktop_app.ui.shell.ready_installation import ReadyInstallation
from desktop_app.ui.shell.recovery_link import RecoveryLink
from desktop_app.ui.shell.startup_services import StartupServices
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.styling import column, heading, muted, row, scrolling

if TYPE_CHECKING:
    from desktop_app.services.installation.demo import DemoResult


class Step(Enum):
    """The page that is in front."""

    PLACE = auto()
    PERSON = auto()
    WORKING = auto()
    KIT = auto()


class FirstRun(QWidget):
    """Makes an installation, or the demo."""

    ready = Signal(object)
    """A :class:`ReadyInstallation`."""
    import_asked = Signal()
    """A profile file that somebody sent is to be opened."""
    left = Signal()
    """Back to signing in, where there is something to sign in to."""

    def __init__(self, startup: StartupServices, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("page", "true")
        self._startup = startup
        self._jobs = jobs
        self._job: Job | None = None
        self._result: InitResult | None = None
        self._request: InitRequest | None = None
        self._step = Step.PLACE
        self.banner = Banner(closable=False)
        self.place = PlacePage()
        self.person = PersonPage()
        self.kit = KitPage(jobs)
        self._working = self._working_page()
        self._stack = QStackedWidget()
        self._title = heading("", 1)
        self._intro = muted()
        self.back = Button(self.tr("&Back"), "chevron-left")
        self.verb = Button("", kind=Kind.PRIMARY)
        self.import_profile = Button(self.tr("I have a &profile file"), kind=Kind.LINK)
        self.recover = RecoveryLink(startup, jobs)
        self._build()
        self._connect()
        self._show(Step.PLACE)

    @property
    def step(self) -> Step:
        """The page that is in front."""
        return self._step

    def set_leavable(self, leavable: bool) -> None:
        """Whether there is a sign-in page to go back to."""
        self._leavable = leavable
        self._show(self._step)

    def begin_demo(self) -> None:
        """Make the demo at once."""
        self.place.choose(Place.DEMO)
        self.go_on()

    def go_on(self) -> None:
        """The button of the page that is in front."""
        self.banner.clear()
        match self._step:
            case Step.PLACE:
                self._after_place()
            case Step.PERSON if not self.person.check():
                self._begin_setup()
            case Step.KIT if not self.kit.is_asking:
                self.kit.ask_back()
            case Step.KIT if self.kit.is_kept:
                self._confirm_kit()

    @property
    def holds_kit(self) -> bool:
        """Whether the words of a new installation are here, and nobody showed yet that they are kept."""
        return self.kit.holds_words

    def _build(self) -> None:
        self._leavable = False
        card = Card(margin=24, gap=16)
        card.setFixedWidth(620)
        for page in (self.place, self.person, self._working, self.kit):
            self._stack.addWidget(page)
        card.body.addWidget(self._title)
        card.body.addWidget(self._intro)
        card.body.addWidget(self.banner)
        card.body.addWidget(self._stack, 1)
        buttons = row()
        buttons.addWidget(self.back)
        buttons.addWidget(self.import_profile)
        buttons.addWidget(self.recover)
        buttons.addStretch(1)
        buttons.addWidget(self.verb)
        card.body.addLayout(buttons)
        side = row()
        side.addStretch(1)
        side.addWidget(card)
        side.addStretch(1)
        inside = QWidget()
        column(self).addWidget(scrolling(inside))
        layout = column(inside, margin=24)
        layout.addStretch(1)
        layout.addLayout(side)
        layout.addStretch(2)

    def _working_page(self) -> QWidget:
        page = QWidget()
        layout = column(page, gap=12)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._said = muted()
        layout.addStretch(1)
        layout.addWidget(self._bar)
        layout.addWidget(self._said)
        layout.addStretch(1)
        return page

    def _connect(self) -> None:
        self.verb.clicked.connect(self.go_on)
        self.back.clicked.connect(self._on_back)
        self.import_profile.clicked.connect(self.import_asked)
        self.recover.recovered.connect(self.ready)
        self.place.accepted.connect(self.go_on)
        self.place.changed.connect(lambda: self._show(self._step))
        self.person.accepted.connect(self.go_on)
        self.kit.changed.connect(lambda: self._show(self._step))
        self.kit.accepted.connect(self.go_on)

    def _show(self, step: Step) -> None:
        self._step = step
        demo = self.place.place is Place.DEMO
        title, intro, verb = {
            Step.PLACE: (
                self.tr("Welcome to Labkeep"),
                self.tr("Where shall samples and documents be kept? You can continue with what is chosen."),
                self.tr("Make the demo") if demo else self.tr("Continue"),
            ),
            Step.PERSON: (
                self.tr("The first administrator"),
                self.tr("This person makes centers and users. You can change everything but the user name later."),
                self.tr("Set up Labkeep"),
            ),
            Step.WORKING: (
                self.tr("Making the demo…") if demo else self.tr("Setting up…"),
                self.tr("If anything goes wrong, nothing of it is left behind."),
                "",
            ),
            Step.KIT: (
                self.tr("The recovery kit"),
                self.tr(
                    "If all administrators lose their passwords, only these words bring the documents back. They are "
                    "shown only now. Print them, save them on a stick or write them down, and lock them away."
                ),
                self.tr("Sign in") if self.kit.is_asking else self.tr("Continue"),
            ),
        }[step]
        self._title.setText(title)
        self._intro.setText(intro)
        self._stack.setCurrentIndex(list(Step).index(step))
        self.verb.setText(verb)
        self.verb.setVisible(bool(verb))
        asking = step is Step.KIT and self.kit.is_asking
        self.back.setVisible(step in (Step.PERSON, Step.WORKING) or (step is Step.PLACE and self._leavable) or asking)
        self.back.setText(self.tr("Cancel") if step is Step.WORKING else self.tr("&Back"))
        self.back.set_icon("x" if step is Step.WORKING else "chevron-left")
        self.import_profile.setVisible(step is Step.PLACE and not self._leavable)
        self.recover.setVisible(step is Step.PLACE)
        waiting = asking and not self.kit.is_kept
        self.verb.set_allowed(not waiting, self.tr("Type the three words first."))

    def _after_place(self) -> None:
        if self.place.place is Place.DEMO:
            self._show(Step.WORKING)
            self._begin(lambda job: self._startup.demo.make(job.report), self._on_demo)
        elif not self.place.check():
            self._show(Step.PERSON)
            self.person.begin()

    def _begin_setup(self) -> None:
        draft: UserDraft = self.person.draft()
        request = InitRequest(
            display_name=self.person.installation,
            administrator=draft,
            password=self.person.password,
            store=Path(self.place.store) if self.place.store else None,
            dsn=self.place.dsn if self.place.place is Place.OWN else None,
            dsn_password=self.place.dsn_password,
        )
        self._request = request
        self._show(Step.WORKING)
        self._begin(lambda job: self._startup.set_up.init(request, job.report), self._on_made)

    def _begin(self, work: Callable[[Job], Any], done: Callable[[Any], None]) -> None:
        self._bar.setRange(0, 0)
        self._said.setText(self.tr("Starting the server. This takes some seconds."))

        def prepare(job: Job) -> None:
            self._job = job
            job.progressed.connect(self._on_progress)
            job.ended.connect(self._on_ended)

        self._jobs.start(self, work, done, self._on_failed, prepare=prepare)

    def _on_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._said.setText(self.tr("Step {done} of {total}").format(done=done, total=total))

    def _on_ended(self) -> None:
        self._job = None
        if self._step is Step.WORKING:
            self._show(Step.PERSON if self.place.place is not Place.DEMO else Step.PLACE)

    def _on_demo(self, result: "DemoResult") -> None:
        self._show(Step.PLACE)
        who = result.administrator
        self.ready.emit(ReadyInstallation(result.profile, who.username, who.password))

    def _on_made(self, result: InitResult) -> None:
        self._result = result
        self.kit.show_kit(result.kit)
        self._show(Step.KIT)

    def _confirm_kit(self) -> None:
        """Write down that the kit is kept; where that fails, the next sign-in asks for another one."""
        request, result = self._request, self._result
        if request is None or result is None:
            return
        self._jobs.write(
            self,
            lambda: self._startup.set_up.confirm_kit(request, result),
            lambda _none: self._finish(),
            lambda _error: self._finish(),
            self.verb.set_busy,
        )

    def _finish(self) -> None:
        result = self._result
        if result is not None:
            ready = ReadyInstallation(result.profile, self.person.draft().username, result.password)
            self._result = self._request = None
            self.kit.clear()
            self.ready.emit(ready)

    def _on_failed(self, error: LabkeepError) -> None:
        if not isinstance(error, InvalidInputError):
            self._show(Step.PLACE if self.place.place is Place.DEMO else Step.PERSON)
            self.banner.say(sentence(error), tone_of(error))
            return
        rest = self.person.show_problems(error.problems)
        self._show(Step.PERSON)
        if rest:
            rest = self.place.show_problems(rest)
            self._show(Step.PLACE)
        if rest:
            self.banner.say(" ".join(rest.values()))

    def _on_back(self) -> None:
        self.banner.clear()
        if self._step is Step.WORKING:
            if self._job is not None:
                self._job.cancel()
        elif self._step is Step.KIT:
            self.kit.show_words()
        elif self._step is Step.PERSON:
            self._show(Step.PLACE)
        else:
            self.left.emit()
