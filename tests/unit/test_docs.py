"""The pages say what the code says: their tables are those that `tools/` writes, and what they point at is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tools import cli, errors, litellm_pages, pages, providers

from tests.unit.test_house import RANK
from trunkline.catalog.providers import PROVIDERS
from trunkline.cli.group import trunkline
from trunkline.errors import Failure

ROOT = pages.DOCS.parent
README = ROOT / "README.md"
TEXTS = (README, ROOT / "CONTRIBUTING.md", *sorted(pages.DOCS.glob("*.md")))

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_TEST = re.compile(r"\btests/[\w/.-]*\w")


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("tool", pages.TOOLS)
def test_a_page_is_what_its_tool_writes(tool: str) -> None:
    path, text = pages.fresh(tool)
    assert path.read_text(encoding="utf-8") == text, "write it with: python -m tools.pages"


def test_a_page_without_its_marks_is_not_written() -> None:
    with pytest.raises(ValueError, match="the page has no <!-- a: written by"):
        pages.put("nothing", "a", "b", "text")


def all_failures(of: type[Failure] = Failure) -> Iterator[type[Failure]]:
    for each in of.__subclasses__():
        yield each
        yield from all_failures(each)


def test_every_failure_is_on_the_page_with_what_to_do() -> None:
    branches = {"CallerFailure", "GatewayFailure", "ProviderFailure"}
    ours = {each.__name__ for each in all_failures() if each.__module__ == "trunkline.errors"}
    assert ours - branches == errors.MENDS.keys()


def test_every_provider_has_its_place() -> None:
    text = (pages.DOCS / providers.PAGE).read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[: len(PROVIDERS)] == [row.title for row in PROVIDERS]


@pytest.mark.parametrize(
    ("path", "told"), list(cli.helps()), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_a_command_is_told_as_its_help_tells_it(path: tuple[str, ...], told: str) -> None:
    seen = CliRunner().invoke(trunkline, [*path[1:], "--help"], prog_name="trunkline", terminal_width=cli.WIDTH)
    assert seen.exit_code == 0
    assert seen.output.rstrip() == told


ROWS = [row for rows in litellm_pages.listed().values() for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_pages_that_are_told_together_have_one_answer(row: litellm_pages.Pages) -> None:
    assert len(litellm_pages.verdicts(row)) == 1


def test_all_of_litellms_flags_are_taken() -> None:
    assert "the start is refused" not in litellm_pages.flags()


def links(path: Path) -> Iterator[str]:
    """Where a page's links lead, but those to other hosts."""
    text = _FENCED.sub("", path.read_text(encoding="utf-8"))
    return (link for link in _LINK.findall(text) if "://" not in link and not link.startswith("mailto:"))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCED.sub("", path.read_text(encoding="utf-8"))):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        found.add(
            plain if plain not in found else next(f"{plain}-{n}" for n in range(1, 99) if f"{plain}-{n}" not in found)
        )
    return found


@pytest.mark.parametrize("path", TEXTS, ids=ids)
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_every_page_is_reached_from_the_readme() -> None:
    reached = {(README.parent / link.partition("#")[0]).resolve() for link in links(README)}
    assert set(pages.DOCS.glob("*.md")) <= reached


@pytest.mark.parametrize("path", TEXTS, ids=ids)
def test_every_proof_names_tests_that_exist(path: Path) -> None:
    missing = {name for name in _TEST.findall(path.read_text(encoding="utf-8")) if not (ROOT / name).exists()}
    assert not missing


def test_the_house_has_a_row_for_every_room() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", (pages.DOCS / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE)
    shown = {name.strip("/").removesuffix(".py") for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert RANK.keys() - {"__main__", "shim"} <= shown
