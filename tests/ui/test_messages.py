"""What the services say, in the person's language: every template is in the catalog, values as people write them."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from desktop_app.errors import ConflictError, InvalidInputError, RefusedError
from desktop_app.message import Message, Size
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.text.messages import said
from tools import translations

FULL, MANY = "The store {root} is full.", "{n} files are left."
TURKISH = {FULL: "{root} deposu dolu.", MANY: "{n} dosya kaldı."}


class Turkish(QTranslator):
    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        del disambiguation, n
        return TURKISH.get(text, text) if context == "services" else text

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's
        return False


@pytest.fixture
def turkish(qapp: QCoreApplication) -> Iterator[None]:
    before, translator = QLocale(), Turkish()
    QLocale.setDefault(QLocale("tr_TR"))
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)
    QLocale.setDefault(before)


def test_without_a_catalog_it_is_english(qapp: QCoreApplication) -> None:
    del qapp
    assert said(Message(FULL, root="/share")) == "The store /share is full."
    assert said(Message(MANY, one="{n} file is left.", n=1)) == "1 file is left."
    assert said("a name") == "a name"


def test_in_the_persons_language(turkish: None) -> None:
    del turkish
    assert sentence(RefusedError(FULL, root="/share")) == "/share deposu dolu."
    assert said(Message(MANY, one="{n} file is left.", n=12_000)) == "12.000 dosya kaldı."
    assert sentence(InvalidInputError({"root": Message(FULL, root="x")})) == "x deposu dolu."
    nested = ConflictError("Not done: {why}", why=RefusedError(FULL, root="/share"))
    assert sentence(nested) == "Not done: /share deposu dolu."
    assert "1,5" in said(Message("{left} left.", left=Size(1_572_864)))


def test_the_catalog_has_every_template() -> None:
    found = "\n".join(translations.templates_said())
    assert "centers have not been told yet of a change of a system administrator." in found
    assert "Somebody else has changed this record meanwhile; nothing was saved." in found
    assert found.count('translate("services"') > 300
