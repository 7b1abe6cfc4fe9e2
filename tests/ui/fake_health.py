"""The health of a center, in memory."""

from datetime import timedelta

from desktop_app.domain.findings import Finding
from desktop_app.domain.health import CenterHealth, Checked
from desktop_app.domain.progress import Report, silent
from desktop_app.services.maintenance import health
from tests.ui.in_memory import Trouble, stands_for
from tests.ui.made_records import START


@stands_for(health.Health, handles="health findings")
class Health:
    """Nothing was checked to begin with."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.health: CenterHealth = CenterHealth()
        self.findings: tuple[Finding, ...] = ()

    def known(self) -> CenterHealth:
        return self.health

    def scrubbed(self) -> tuple[Finding, ...]:
        self._trouble.meet("health.scrubbed")
        return self.findings

    def scrub(self, report: Report = silent, seconds: float = 1.0) -> tuple[Finding, ...]:
        self._trouble.meet("health.scrub")
        report(0, 0)
        del seconds
        return self.findings

    def examine(self, report: Report = silent, *, repair: bool = False) -> tuple[Finding, ...]:
        report(0, 12)
        self.findings = () if repair else self.findings
        self.health = CenterHealth(documents=Checked(START + timedelta(days=1), len(self.findings)))
        return self.findings

    def verify_record(self, report: Report = silent) -> tuple[Finding, ...]:
        report(0, 12)
        self.health = CenterHealth(record=Checked(START + timedelta(days=1), 0))
        return ()
