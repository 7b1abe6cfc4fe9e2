"""Each promise of README is held by tests, which are named here and are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISES = {
    "Contents of documents are sealed before they leave the workstation.": (
        "tests/services/test_documents.py::test_the_clear_text_is_found_nowhere",
        "tests/e2e/test_readme.py::test_the_ten_minutes",
    ),
    "Between people, the roles of the database are a barrier": (
        "tests/db/rights/test_catalog.py::test_every_permission_is_what_the_table_says",
        "tests/db/rights/test_rights_cases.py::test_each_case_is_done_by_those_who_may_and_nobody_else",
        "tests/db/attacks/test_center_attacks.py::test_people_of_b_read_nothing_of_a",
        "tests/db/attacks/test_shared_attacks.py::test_refused",
    ),
    "Who leaves loses login, sessions and keys in one action.": (
        "tests/services/test_users.py::test_a_leaver_is_out_at_once",
        "tests/services/test_deactivation.py::test_who_changes_his_password_for_ever_is_put_out",
    ),
    "A file that the share loses, cuts or swaps is noticed": (
        "tests/services/test_documents.py::test_a_flipped_bit_in_the_store_is_noticed",
        "tests/services/test_documents.py::test_swapped_and_rolled_back_files_are_noticed",
        "tests/services/test_forged_files.py::test_a_reader_cannot_exchange_a_finding",
    ),
    "Who puts database and store back to an older state is noticed": (
        (
            "tests/services/test_rollback.py::"
            "test_a_rollback_alarms_everybody_who_saw_the_later_state_until_it_is_signed_for"
        ),
        "tests/services/test_restored_log.py",
    ),
    "Every change is on the record, chained by hash.": (
        "tests/db/test_audit.py::test_tampering_shows",
        "tests/db/test_erasing.py::test_what_entries_said_is_gone_and_the_record_still_proves_itself",
        "tests/db/test_erasing.py::test_an_erasure_is_never_erased_and_neither_are_keys",
    ),
    "The recovery kit made at set-up opens everything.": (
        "tests/services/test_kit_of_set_up.py::test_the_printed_words_open_every_document_of_every_center",
    ),
}


def promises() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"## What Labkeep promises.*?\n(.*?)\n## ", text + "\n## ", re.DOTALL)
    # What stands after the list is no promise.
    items = re.findall(r"^- (.*?)(?=\n- |\n\n|\Z)", section, re.DOTALL | re.MULTILINE)
    return [" ".join(item.replace("*", "").split()) for item in items]


@cache
def functions_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_promise_is_named_and_nothing_else() -> None:
    said = promises()
    assert len(said) == len(PROMISES)
    for beginning in PROMISES:
        assert [each for each in said if each.startswith(beginning)], beginning


@pytest.mark.parametrize("named", [name for names in PROMISES.values() for name in names])
def test_each_named_test_is_there(named: str) -> None:
    file, _, test = named.partition("::")
    assert test in functions_in(file) if test else functions_in(file)
