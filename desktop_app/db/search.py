"""Words that people search by, as conditions that the trigram indexes can answer."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column

from desktop_app.domain.filters import SHORTEST_INDEXED
from desktop_app.domain.text_rules import search_problem
from desktop_app.errors import InvalidInputError


def like_pattern(text: str) -> str:
    r"""The text with what LIKE takes for special (``\``, ``%`` and ``_``) made plain."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def contains_words(content: ColumnElement[Any], search: str, *, by_index: bool = True) -> list[ColumnElement[bool]]:
    """One condition per word of *search*: all must be somewhere in *content*, whatever their case.

    *content* must be written exactly as in the index on ``public.trigrams(content)``. The trigrams find candidates,
    ILIKE checks them again; a word of fewer than three characters has no trigram and is only checked. Without
    *by_index* all words are. Raises InvalidInputError for more than anybody looks for.
    """
    return [_contains(content, word, by_index) for word in words_of(search)]


def words_of(search: str) -> list[str]:
    """The words to look for; InvalidInputError for more than anybody looks for."""
    if problem := search_problem(search):
        raise InvalidInputError({"search": problem})
    return search.split()


def _contains(content: ColumnElement[Any], word: str, by_index: bool) -> ColumnElement[bool]:
    # Of a table with row-level security the planner knows how often trigrams are there, but of ILIKE it believes that
    # it finds next to nothing, and would collect and sort all rows for a word that most of them have. Inside
    # coalesce() it has no opinion.
    check = func.coalesce(content.ilike(f"%{like_pattern(word)}%"), literal_column("false"))
    if not by_index or len(word) < SHORTEST_INDEXED:
        return check
    trigrams = func.public.trigrams
    return and_(trigrams(content).op("@>", is_comparison=True)(trigrams(word)), check)
