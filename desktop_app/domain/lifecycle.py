"""The life of a sample: which status may follow which."""

from enum import StrEnum

from desktop_app.domain.rights import Verb


class SampleStatus(StrEnum):
    """Where a sample stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    REJECTED = "rejected"
    ARCHIVED = "archived"


class Step(StrEnum):
    """The verbs that move a sample from one status to the next."""

    PROCESS = "process"
    COMPLETE = "complete"
    REJECT = "reject"
    ARCHIVE = "archive"


TARGET = {
    Step.PROCESS: SampleStatus.PROCESSING,
    Step.COMPLETE: SampleStatus.COMPLETED,
    Step.REJECT: SampleStatus.REJECTED,
    Step.ARCHIVE: SampleStatus.ARCHIVED,
}

_FROM = {
    Step.PROCESS: {SampleStatus.PENDING},
    Step.COMPLETE: {SampleStatus.PROCESSING},
    Step.REJECT: {SampleStatus.PENDING, SampleStatus.PROCESSING},
    Step.ARCHIVE: {SampleStatus.COMPLETED, SampleStatus.REJECTED},
}


def steps_from(status: SampleStatus) -> tuple[Step, ...]:
    """The steps that are legal from *status*, in the order people take them."""
    return tuple(step for step in Step if status in _FROM[step])


def verb_for(step: Step) -> Verb:
    """The right that a step needs."""
    return Verb.ARCHIVE_SAMPLES if step is Step.ARCHIVE else Verb.MOVE_SAMPLES
