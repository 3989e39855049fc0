"""The tables of docs/litellm.md: LiteLLM's pages, flags, settings and functions, and what becomes of each here.

LiteLLM's side is written down in `litellm_pages.yaml`. What happens here is not: the code is asked for each path, flag
and key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

import trunkline
import trunkline.litellm as stand_in
from tools import pages
from trunkline.cli.flags import PARSED
from trunkline.cli.main import VERSION_FLAGS
from trunkline.cli.serve import verb as serve
from trunkline.config import keys, keys_params
from trunkline.errors import Failure
from trunkline.serve.paths import find

PAGE = "litellm.md"

Here = Literal["yes", "relayed", "no"]


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages of LiteLLM's that one line tells of. `asks`: method and path, one after another.

    `nameless`: the request names no model, so that nobody knows whom it is for; it is refused where it is a POST.
    """

    what: str
    asks: str
    note: str = ""
    nameless: bool = False


ANSWERED = {
    "setup": "refused, with what to do instead",
    "check_migrations_against_existing_data": "said and done: there are none",
}
"""Flags that end the start by themselves."""


def parts() -> Mapping[str, str]:
    """The generated parts of the page."""
    told = {name: _asked(rows) for name, rows in listed().items()}
    told |= {name: _headers(name) for name in ("headers_in", "headers_out")}
    return {"settings": settings(), "flags": flags(), "sdk": sdk(), **told}


@cache
def _file() -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "litellm_pages.yaml").read_text(encoding="utf-8"))
    return read


def listed() -> Mapping[str, tuple[Pages, ...]]:
    """LiteLLM's pages, in the tables in which they are told."""
    return {name: tuple(Pages(**row) for row in _file()[name]) for name in ("models", "operating")}


def flags_there() -> list[str]:
    """LiteLLM's flags, without their dashes."""
    return str(_file()["flags"]).split()


def asks(row: Pages) -> Iterator[tuple[str, str]]:
    """(method, path) of each of a line's pages."""
    method = ""
    for word in row.asks.split():
        if word.startswith("/"):
            yield method, word
        else:
            method = word


def here(method: str, path: str, *, nameless: bool = False) -> Here:
    """What this gateway does with such a request, as its own table of paths has it."""
    try:
        target = find(method, re.sub(r"\{\w+\}", "x", path))
    except Failure:
        return "no"
    if target.operation == "other":
        return "no" if nameless else "relayed"
    return "yes"


def verdicts(row: Pages) -> set[Here]:
    """What happens with a line's pages: one answer, or the line has to be split."""
    return {here(method, path, nameless=row.nameless) for method, path in asks(row)}


def _asked(rows: tuple[Pages, ...]) -> str:
    head = ("what", "LiteLLM's pages", "here", "")
    return pages.table(head, ((row.what, _paths(row), " ".join(verdicts(row)), row.note) for row in rows))


def _paths(row: Pages) -> str:
    methods: dict[str, list[str]] = {}
    for method, path in asks(row):
        methods.setdefault(method, []).append(path)
    return "; ".join(f"{method} {pages.code(paths)}" for method, paths in methods.items())


def _headers(table: str) -> str:
    return pages.table(("header", "here", ""), map(_header, _file()[table].items()))


def _header(row: tuple[str, str]) -> tuple[str, str, str]:
    names, note = row
    found = {name: spoken(name) for name in names.split(", ")}
    assert len(set(found.values())) == 1, f"some of these are spoken here and some are not: {found}"
    return pages.code(found), "yes" if all(found.values()) else "no", note


def spoken(header: str) -> bool:
    """Whether the source writes or reads that header: its name stands there as a string of its own."""
    return f'"{header.lower()}"' in _source()


@cache
def _source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(trunkline.__file__).parent.rglob("*.py")))


def flags() -> str:
    """LiteLLM's flags by what becomes of them."""
    parsed = {flag.name for flag in PARSED}
    known = {name.lstrip("-") for option in serve.params for name in option.opts}
    known |= {name.lstrip("-") for name in VERSION_FLAGS}
    told = {
        "does what it does there": [name for name in flags_there() if name in known - parsed - ANSWERED.keys()],
        "taken, changes nothing, and the start says [why](cli.md#litellms-other-flags)": [
            name for name in flags_there() if name in parsed
        ],
        **{what: [name] for name, what in ANSWERED.items()},
        "not known: the start is refused": [name for name in flags_there() if name not in known],
    }
    return pages.table(
        ("here", "flags"), ((what, pages.code(f"--{name}" for name in names)) for what, names in told.items() if names)
    )


def sdk() -> str:
    """LiteLLM's functions and names, by whether `trunkline.litellm` has them."""
    names = str(_file()["sdk"]).split()
    told = {"there": [name for name in names if hasattr(stand_in, name)]}
    told["not there: an AttributeError"] = [name for name in names if name not in told["there"]]
    return pages.table(("here", "names"), ((what, pages.code(those)) for what, those in told.items()))


def settings() -> str:
    """How many of each section's keys are acted on."""
    tables: dict[str, Mapping[str, keys.Fate]] = {"the top of the file": keys.TOP, "`model_list`": keys.MODEL}
    tables |= {f"`{name}`": table for name, table in keys.SECTIONS.items() if name != "trunkline"}
    counted = {title: [list(table.values()).count(fate) for fate in _FATES] for title, table in tables.items()}
    params = (keys_params.OURS, keys_params.LATER, keys_params.UNSUPPORTED, keys_params.MOOT, keys_params.PROTECTS)
    counted["`litellm_params`"] = [len(each) for each in params]
    return pages.table(("section", *_FATES.values()), ((title, *map(str, row)) for title, row in counted.items()))


_FATES: Mapping[keys.Fate, str] = {
    "used": "acted on",
    "later": "read, not acted on yet",
    "unsupported": "not here: a warning",
    "moot": "nothing here to change: a note",
    "protects": "guards: refuses to start",
}
