"""Every kind of text that people give, into every place that takes one: kept exactly, or refused in a sentence."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft, UserDetails, UserDraft
from desktop_app.domain.field_filters import FieldCondition
from desktop_app.domain.fields import FieldDraft, FieldKind
from desktop_app.domain.filters import AuditFilter, CenterFilter, DocumentFilter, SampleFilter, UserFilter
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.records import Document, Sample
from desktop_app.domain.rights import Role
from desktop_app.domain.saved_views import ViewContent
from desktop_app.domain.sheets import Sheet
from desktop_app.errors import LabkeepError
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from desktop_app.services.sheets.sheet_file import read_sheet
from tests.services.conftest import ROOT, World

TEXTS = {
    "plain": "Ordinary words",
    "long": "".join(chr(ord("a") + at % 26) for at in range(10_000)),
    "longer": "x" * 10_001,
    "emoji": "🧪👩‍🔬 🇹🇷 é",
    "right to left": "שלום عربى ‏x",
    "overridden": "photo\u202egpj.exe",
    "quotes": "'\" ` “x” ''; \\' \\\\",
    "nul": "a\0b",
    "half a character": "a\ud800b",
    "controls": "a\x1b[31mb\x07",
    "lines": "one\ntwo\tthree",
    "sql": "'; DROP TABLE samples; -- $$ %(a)s :b {c} %s",
    "formula": '=cmd|"/c calc"!A1',
    "at": "@SUM(1+1)*2",
    "html": '<b>x</b><img src="file:///etc/passwd" onerror=alert(1)>&amp;',
    "json": '{"a": [1, null], "b": "\\u0000"}',
    "path": "../../etc/passwd\\..\\nul",
    "null": "NULL",
    "number": "0012345678901234567890",
}
COUNTER = count(1)


class Place:
    """A center of its own, in which everything here is made, and somebody in it."""

    def __init__(self, root: Lab, work: CenterServices, username: str, folder: Path) -> None:
        self.root, self.work, self.username, self.folder = root, work, username, folder

    def sample(self, **values: object) -> Sample:
        return self.work.samples.create(replace(SampleDraft(name="Cup", sample_type="blood"), **values))  # type: ignore[arg-type]  # by name

    def document(self) -> Document:
        file = self.folder / f"{next(COUNTER)}.txt"
        file.write_text(file.name)
        (saved,) = self.work.documents.add([file]).saved
        assert saved.id is not None
        return self.work.documents.get(saved.id)


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = world.lab(ROOT)
    made = root.centers.create(CenterDraft(name=world.unused("Every text"), slug=f"every-text-{uuid4().hex[:8]}"))
    with root.center(made) as work:
        yield Place(root, work, world.person(Role.USER, made.slug).username, tmp_path_factory.mktemp("every text"))


def of_sample(name: str) -> Callable[[Place, str], object]:
    def put(place: Place, text: str) -> object:
        made = place.sample(**{name: text})
        return getattr(place.work.samples.get(made.id), name)

    return put


def metadata_value(place: Place, text: str) -> object:
    return place.work.samples.get(place.sample(metadata={"free": text}).id).metadata["free"]


def metadata_key(place: Place, text: str) -> object:
    [key] = place.work.samples.get(place.sample(metadata={text: 1}).id).metadata
    return key


def edited_at_once(place: Place, text: str) -> object:
    sample = place.sample()
    plan = place.work.plans.plan_edit([sample], {"description": text})
    if plan.left_alone:
        raise refusal(str(plan.left_alone[0].why))
    place.work.plans.apply(plan)
    return place.work.samples.get(sample.id).description


def refusal(said: str) -> LabkeepError:
    return LabkeepError(said)


def plan_reason(place: Place, text: str) -> object:
    plan = place.work.plans.plan_step([place.sample()], Step.PROCESS, text)
    place.work.plans.apply(plan)
    return place.work.plans.get(plan.id)[0].reason


def rejection(place: Place, text: str) -> object:
    sample = place.work.samples.step(place.sample(), Step.REJECT, text)
    return place.work.samples.get(sample.id).rejection_reason


def reason(place: Place, text: str) -> object:
    sample = place.work.samples.deactivate(place.sample(), text)
    return place.work.audit.timeline(sample.id)[-1].reason


def field_name(place: Place, text: str) -> object:
    made = place.work.fields.create(FieldDraft(name=text, kind=FieldKind.TEXT), key=f"key {next(COUNTER)}")
    return place.work.fields.get(str(made.id)).name


def field_key(place: Place, text: str) -> object:
    made = place.work.fields.create(FieldDraft(name=f"Field {next(COUNTER)}", kind=FieldKind.TEXT), key=text + "k")
    return place.work.fields.get(str(made.id)).key.removesuffix("k")


def field_unit(place: Place, text: str) -> object:
    draft = FieldDraft(name=f"Field {next(COUNTER)}", kind=FieldKind.NUMBER, unit=text)
    return place.work.fields.get(str(place.work.fields.create(draft).id)).unit


def choice(place: Place, text: str) -> object:
    draft = FieldDraft(name=f"Field {next(COUNTER)}", kind=FieldKind.CHOICE, choices=("other", text))
    field = place.work.fields.create(draft)
    sample = place.sample(metadata={field.key: text})
    wanted = SampleFilter(conditions=(FieldCondition.parse('"{}"="{}"'.format(field.name, text.replace('"', '""'))),))
    if '"' not in text and "\\" not in text:
        assert sample.id in {row.id for row in place.work.samples.list(wanted).rows}, "it is found by it"
    return place.work.fields.get(str(field.id)).choices[1]


def field_of_a_sheet(place: Place, text: str) -> object:
    sheet = Sheet(("Name", "Kind", "Unit"), [(f"Field {next(COUNTER)}", "text", text)], (2,))
    planned = place.work.field_imports.plan(sheet)
    if planned.problems:
        raise refusal(str(planned.problems[0].problem))
    place.work.field_imports.apply(planned)
    return place.work.fields.get(str(planned.new[0].field.id)).unit


def sample_of_a_sheet(place: Place, text: str) -> object:
    sheet = Sheet(("Barcode", "Name", "Type", "Description"), [(f"S-{next(COUNTER)}", "Cup", "blood", text)], (2,))
    planned = place.work.imports.plan(sheet)
    if planned.problems:
        raise refusal(str(planned.problems[0].problem))
    place.work.imports.apply(planned)
    return place.work.samples.get(planned.new[0].id).description


def type_name(place: Place, text: str) -> object:
    made = place.work.vocabulary.add_sample_type(f"t{next(COUNTER)}", text)
    return next(each.name for each in place.work.vocabulary.sample_types() if each.code == made.code)


def listed_reason(place: Place, text: str) -> object:
    made = place.work.vocabulary.add_rejection_reason(text)
    return next(each.name for each in place.work.vocabulary.rejection_reasons() if each.id == made.id)


def view_name(place: Place, text: str) -> object:
    return place.work.views.get(str(place.work.views.save(text, ViewContent()).id)).name


def view_search(place: Place, text: str) -> object:
    content = ViewContent(SampleFilter(search=text))
    return place.work.views.get(str(place.work.views.save(f"V{next(COUNTER)}", content).id)).content.filter.search


def work_list(place: Place, text: str) -> object:
    return place.work.work_lists.get(str(place.work.work_lists.create(text, [place.sample().id]).id)).name


def title(place: Place, text: str) -> object:
    made = place.work.documents.update(place.document(), DocumentDraft(title=text))
    return place.work.documents.get(made.id).title


def document_type(place: Place, text: str) -> object:
    made = place.work.documents.update(place.document(), DocumentDraft(title="x", document_type=text))
    return place.work.documents.get(made.id).document_type


def tag(place: Place, text: str) -> object:
    made = place.work.documents.update(place.document(), DocumentDraft(title="x", tags=(text,)))
    return place.work.documents.get(made.id).tags[0]


def person(name: str) -> Callable[[Place, str], object]:
    def put(place: Place, text: str) -> object:
        user = place.root.users.get(place.username)
        place.root.users.update(user, replace(UserDetails.of(user), **{name: text}))
        return getattr(place.root.users.get(place.username), name)

    return put


def username(place: Place, text: str) -> object:
    draft = UserDraft(username=text, email="x@lab.example", role=Role.VIEWER, center_id=place.work.center.id)
    return place.root.users.create(draft).user.username


def of_center(name: str) -> Callable[[Place, str], object]:
    def put(place: Place, text: str) -> object:
        center = place.root.centers.get(place.work.center.id)
        place.root.centers.update(center, replace(CenterDraft.of(center), **{name: text}))  # type: ignore[arg-type]  # by name
        return getattr(place.root.centers.get(center.id), name)

    return put


def setting(place: Place, text: str) -> object:
    center = place.root.centers.get(place.work.center.id)
    place.root.centers.update(center, replace(CenterDraft.of(center), settings={"note": text}))
    return place.root.centers.get(center.id).settings["note"]


WAYS: dict[str, Callable[[Place, str], object]] = {
    **{f"sample's {name}": of_sample(name) for name in ("name", "barcode", "description", "results")},
    "sample's place": of_sample("collected_place"),
    "metadata": metadata_value,
    "key of metadata": metadata_key,
    "many samples": edited_at_once,
    "reason of a plan": plan_reason,
    "rejection": rejection,
    "reason": reason,
    "field": field_name,
    "key of a field": field_key,
    "unit": field_unit,
    "choice": choice,
    "cell of a field": field_of_a_sheet,
    "cell of a sample": sample_of_a_sheet,
    "type": type_name,
    "listed reason": listed_reason,
    "view": view_name,
    "search of a view": view_search,
    "work list": work_list,
    "title": title,
    "document's type": document_type,
    "tag": tag,
    **{f"person's {name}": person(name) for name in ("first_name", "last_name", "phone", "email")},
    "user name": username,
    "center": of_center("name"),
    "center's description": of_center("description"),
    "setting": setting,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_text_is_kept_exactly_or_refused_in_a_sentence(place: Place, way: str) -> None:
    kept, refused = set[str](), dict[str, str]()
    for kind, text in TEXTS.items():
        try:
            found = WAYS[way](place, text)
        except LabkeepError as error:
            refused[kind] = str(error)
            continue
        assert found == text, f"{way}: {kind}"
        kept.add(kind)
    # A view is kept as JSON, where these are written out; whoever searches for them is refused.
    assert way == "search of a view" or not {"nul", "half a character"} & kept, "the database cannot hold these"
    wrong = {kind: said for kind, said in refused.items() if "SQLSTATE" in said or "layer failed" in said or not said}
    assert not wrong
    if way not in ("user name", "person's email"):
        ordinary = {"plain", "emoji", "right to left", "quotes", "html", "sql", "formula", "at", "null", "number"}
        assert kept >= {kind for kind in ordinary if len(TEXTS[kind]) <= 40}, refused


def test_after_all_of_it_everything_is_there_and_read(place: Place, tmp_path: Path) -> None:
    work = place.work
    for text in TEXTS.values():
        for look in (
            lambda said: work.samples.list(SampleFilter(search=said)),
            lambda said: work.samples.count(SampleFilter(search=said)),
            lambda said: work.documents.list(DocumentFilter(search=said)),
            lambda said: place.root.users.list(UserFilter(search=said)),
            lambda said: place.root.centers.list(CenterFilter(search=said)),
            lambda said: work.audit.list(AuditFilter(field=said)),
            lambda said: work.samples.get(said),
        ):
            said = ""
            try:
                look(text)
            except LabkeepError as error:
                said = str(error)
            assert "SQLSTATE" not in said
            assert "layer failed" not in said
    total = work.samples.count(SampleFilter()).number
    assert total > len(TEXTS)
    for suffix in (".csv", ".xlsx"):
        target = tmp_path / f"all{suffix}"
        fits = SampleFilter(search="Cup")
        assert work.exports.write(target, fits, columns=("barcode", "name")).rows == work.samples.count(fits).number
        planned = work.imports.plan(read_sheet(target), update=True)
        assert (planned.new, planned.changed, planned.problems) == ([], [], ())
    assert work.audit.verify().is_sound


NAMES = {kind: text for kind, text in TEXTS.items() if not {"\0", "/", "\ud800"} & set(text) and len(text) < 200}


@pytest.mark.parametrize("kind", NAMES)
def test_a_file_s_name_is_its_title_and_makes_nothing_else(place: Place, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"{NAMES[kind]}.txt"
    file.write_text(kind)
    (result,) = place.work.documents.add([file]).results
    assert isinstance(result.id, UUID)
    document = place.work.documents.get(result.id)
    if all(unicodedata.category(each) not in ("Cc", "Cf") for each in NAMES[kind]):
        assert document.title == file.name
    assert document.title.isprintable()
    target = tmp_path / "copies"
    target.mkdir()
    saved = place.work.documents.save_as(document, target)
    assert saved.parent == target
    assert saved.read_text() == kind
