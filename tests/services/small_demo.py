"""The demo with little in it, for how it is made: that all of it is there is seen in tests/unit and tests/e2e."""

from dataclasses import replace
from unittest.mock import patch

from desktop_app.domain.rights import Role
from desktop_app.services.installation import demo
from desktop_app.services.installation.demo_data import DemoData, read_demo_data


def small_demo() -> DemoData:
    """Both centers with their fields and administrators, a sample and a document in each."""
    whole = read_demo_data()
    slugs = [each.slug for each in whole.centers]
    samples = [next(each for each in whole.samples if each.center == slug) for slug in slugs]
    there = {"", *(each.draft.barcode for each in samples)}
    documents = [
        next(each for each in whole.documents if each.center == slug and each.sample in there) for slug in slugs
    ]
    return replace(
        whole,
        accounts=tuple(each for each in whole.accounts if each.role is Role.ADMIN),
        samples=tuple(samples),
        documents=tuple(documents),
    )


def make_small() -> None:
    """Whoever makes the demo in this process from now on makes the small one."""
    patch.object(demo, "read_demo_data", small_demo).start()
