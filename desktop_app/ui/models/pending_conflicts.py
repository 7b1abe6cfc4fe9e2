"""The open questions of one drop: they wait in a list while the other files are sealed, and are answered in any order.

The worker asks for answers with ``decide``, on its own thread; everything else happens on the GUI thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from desktop_app.services.documents.title_conflicts import ConflictQuestion, OnConflict
from desktop_app.ui.foundation.jobs import Job


@dataclass(frozen=True)
class Answer:
    """What to do with a file whose title its sample has already, and whether with all of the drop that follow."""

    choice: OnConflict
    for_all: bool = False


class PendingConflicts:
    """What one drop asks, and what was answered."""

    def __init__(self) -> None:
        self._open: dict[Path, ConflictQuestion] = {}
        self._noted: dict[Path, ConflictQuestion] = {}
        self._answers: SimpleQueue[tuple[Path, OnConflict]] = SimpleQueue()
        self._for_all: OnConflict | None = None

    @property
    def open(self) -> tuple[ConflictQuestion, ...]:
        """The questions without an answer, in the order of the files."""
        return tuple(self._open.values())

    def note(self, question: ConflictQuestion) -> bool:
        """A question came; whether somebody has to answer it."""
        if self._noted.get(question.path) is question:
            return question.path in self._open
        self._noted[question.path] = question
        if self._for_all is not None:
            self._answers.put((question.path, self._for_all))
            return False
        self._open[question.path] = question
        return True

    def answer(self, question: ConflictQuestion, answer: Answer) -> None:
        """Somebody answered; an answer for all holds for those that are still to come, too."""
        answered = [question.path]
        if answer.for_all:
            self._for_all = answer.choice
            answered += [path for path in self._open if path != question.path]
        for path in answered:
            if self._open.pop(path, None) is not None:
                self._answers.put((path, answer.choice))

    def clear(self) -> None:
        """Nobody needs to answer any more."""
        self._open.clear()

    @property
    def has_answers(self) -> bool:
        """Whether the worker has not yet taken every answer."""
        return not self._answers.empty()

    def decide(self, job: Job, questions: Sequence[ConflictQuestion]) -> Mapping[Path, OnConflict]:
        """For the worker: the answers that are there, waiting for the first one; Cancelled."""
        given: dict[Path, OnConflict] = {}
        while not given:
            if not self.has_answers:
                job.ask(questions)
            while True:
                try:
                    path, choice = self._answers.get_nowait()
                except Empty:
                    break
                given[path] = choice
        return given
