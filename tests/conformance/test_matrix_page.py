"""docs/translation.md claims nothing that no test has seen, and names everything that can get lost."""

from __future__ import annotations

import re

from tools.matrix import PAGE, generated, replaced, table, unproved

from tests.conformance import test_matrix
from tests.conformance.matrix_cells import CLIENTS, FEATURES, LOSSES, PROVIDERS, cells, name_of
from tests.conformance.matrix_probes import losses

_ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)
_CELL = re.compile(r"✓|✓ without (`[\w.]+`(, )?)+|not: [a-z, ]+")


def claimed() -> dict[str, bool]:
    """What the page's table says of every cell and feature."""
    _, _, *rows = (row.split(" | ") for row in _ROW.findall(generated(PAGE.read_text(encoding="utf-8"))))
    found: dict[str, bool] = {}
    for client, (_, *row) in zip(CLIENTS, rows, strict=True):
        for provider, cell in zip(PROVIDERS, row, strict=True):
            assert _CELL.fullmatch(cell), cell
            missing = cell.removeprefix("not: ").split(", ") if cell.startswith("not: ") else []
            assert set(missing) <= set(FEATURES)
            for feature in FEATURES:
                found[name_of(client, provider.name, feature)] = feature not in missing
    return found


def ids() -> set[str]:
    """The ids of the cells' tests, as pytest collects them."""
    marks = test_matrix.test_cell.pytestmark  # type: ignore[attr-defined]
    return {str(cell.id) for mark in marks if mark.name == "parametrize" for cell in mark.args[1]}


def test_the_page_claims_no_cell_that_has_no_test() -> None:
    assert {name for name, works in claimed().items() if works} <= ids()


def test_every_cell_and_feature_has_its_test() -> None:
    assert ids() == set(claimed()) == {name_of(client, one.name, feature) for client, one, feature in cells()}
    assert set(test_matrix.PROOFS) == set(FEATURES)


def test_the_table_is_the_one_that_the_tool_writes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert replaced(page, table(claimed())) == page


def test_a_cell_that_was_not_run_proves_nothing() -> None:
    found = dict.fromkeys(ids(), True)
    assert not unproved(found)
    found.pop("chat-ollama-tools")
    assert unproved(found) == ["chat-ollama-tools"]
    assert "not: tools" in table(found)


def test_expected_losses_are_of_cells_that_exist() -> None:
    names = {name_of(*key) for key in LOSSES}
    assert names <= ids()


def test_every_name_that_can_be_reported_as_lost_is_on_the_page() -> None:
    _, _, tables = PAGE.read_text(encoding="utf-8").partition("## What cannot be carried")
    named = set(re.findall(r"`([^`]+)`", tables))
    unnamed = {(where, name) for where, name in losses() if name not in named}
    assert not unnamed
