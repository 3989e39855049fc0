"""The catalog's data file, read when it is first asked for, and one provider's rows at a time. Opens that one file.

The file is made by `tools/build_catalog.py`; this is the only place that knows its shape. A row is
`[tiers, max input, max output, flags, page, origin, mode, retires]`, shorter where the last ones are empty; a tier is
`[input, output, cache read, cache write, cache write 1h, above]` in nano-dollars per million tokens.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from trunkline.model.conversation import Effort
from trunkline.model.usage import Price, Rates

Row = list[Any]


class File(msgspec.Struct, gc=False):
    """`models.json`. The rows stay undecoded until their provider is asked for."""

    date: str
    pages: list[str]
    roles: dict[str, tuple[str, str]]
    claude_as: dict[str, list[tuple[str, str]]]
    aliases: dict[str, dict[str, str]]
    models: dict[str, msgspec.Raw]
    efforts: dict[str, list[tuple[str, tuple[Effort, ...]]]] = {}
    """Provider → (how a name begins, as a pattern; the efforts that such a model takes), the first that fits."""


class Rows(msgspec.Struct, gc=False):
    """One provider's rows: id in lower case → the vendor's id and the row."""

    by_name: dict[str, tuple[str, Row]]


@lru_cache(maxsize=1)
def file() -> File:
    """The data file, read once."""
    return msgspec.json.decode((Path(__file__).parent / "data" / "models.json").read_bytes(), type=File)


@lru_cache(maxsize=64)
def rows(provider: str) -> Rows:
    """That provider's rows; none for a provider without any."""
    raw = file().models.get(provider)
    found = msgspec.json.decode(raw, type=dict[str, Row]) if raw is not None else {}
    return Rows({name.lower(): (name, row) for name, row in found.items()})


def price_of(row: Row) -> Price | None:
    """The row's price, with the page and the day it was read; None where the sources have none."""
    if not row[0]:
        return None
    tiers = tuple(Rates(*tier) for tier in row[0])
    return Price(tiers, f"{file().pages[row[4]] or 'genai-prices, LiteLLM'}, {file().date}")


def mode_of(row: Row) -> str:
    """`chat`, `responses` (answers at that endpoint only), `completion` or `embedding`."""
    return {"": "chat", "o": "responses", "c": "completion", "e": "embedding"}[row[6] if len(row) > 6 else ""]


def retires(row: Row) -> str:
    """The day on which the vendor switches it off, or empty."""
    return str(row[7]) if len(row) > 7 else ""
