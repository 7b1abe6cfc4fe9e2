"""The seven persons of the matrix, and what each is in each center."""

from dataclasses import dataclass

from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Standing
from tests.db.conftest import TwoCenters
from tests.db.installation import Member

CENTERS = ("A", "B")


@dataclass(frozen=True)
class Person:
    """A person with credentials of his own; ``center`` is A or B, or none for a system administrator."""

    name: str
    member: Member
    center: str | None

    def standing_in(self, center: str) -> Standing | None:
        """What he is in A or B; None if he is nobody there."""
        if self.center is None:
            return Standing.SYSTEM
        return Standing(self.member.role) if self.center == center else None

    def __str__(self) -> str:
        return self.name


def persons(scene: TwoCenters) -> list[Person]:
    """Viewer, user and administrator of A and of B, and a system administrator."""
    of_a, of_b = (scene.viewer_a, scene.user_a, scene.admin_a), (scene.viewer_b, scene.user_b, scene.admin_b)
    found = [
        Person(f"{member.role} of {center}", member, center)
        for center, members in zip(CENTERS, (of_a, of_b), strict=True)
        for member in members
    ]
    return [*found, Person("system administrator", scene.system, None)]


def schemas_of_centers(scene: TwoCenters) -> dict[str, str]:
    """A and B by the names of their schemas."""
    return {schema_name(scene.a): "A", schema_name(scene.b): "B"}
