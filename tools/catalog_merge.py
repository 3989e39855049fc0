"""Joins the two sources and our corrections into the rows of `models.json`, and writes them down compactly.

Who wins: a correction of ours always. Else, for prices, see `RULE`; limits and abilities are LiteLLM's, since
genai-prices has no abilities and one window only. Rows that two sources agree on carry both letters (`gl`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tools.catalog_sources import Entry, Writes, with_writes
from trunkline.catalog.names import undated
from trunkline.catalog.prices import INPUT, price_from_params
from trunkline.model.usage import Rates, dollars

RULE = (
    "A correction wins. Where both sources name a rate and agree, or only one names it, that is the rate. Where they "
    "disagree, the dearer price wins whole, so that no budget is under-counted; build_catalog --check prints them."
)

Table = dict[str, dict[str, Entry]]


def merge(litellm: Iterable[tuple[str, Entry]], genai: Iterable[tuple[str, Entry]]) -> tuple[Table, list[str]]:
    """Provider → lower-case id → entry, and one line for each price on which the sources disagree."""
    table: Table = {}
    for provider, entry in litellm:
        rows = table.setdefault(provider, {})
        known = rows.get(entry.id.lower())
        if known is None or not known.tiers:
            rows[entry.id.lower()] = entry
    said: list[str] = []
    for provider, entry in genai:
        rows = table.setdefault(provider, {})
        known = rows.get(entry.id.lower())
        if known is None:
            rows[entry.id.lower()] = entry
        elif not known.tiers:
            known.tiers, known.origin = entry.tiers, "lg"
        elif (joined := _join(known, entry)) is not None:
            known.tiers, known.origin = joined, "gl"
        else:
            winner = max((known, entry), key=_weight)
            said.append(f"{provider}/{known.id}: litellm {_show(known)} | genai-prices {_show(entry)}")
            known.tiers, known.origin = winner.tiers, winner.origin
    return table, sorted(said)


def correct(table: Table, corrections: Mapping[str, Any], writes: Writes) -> None:
    """Puts our own rows over the sources'. A correction may name only what it changes."""
    for provider, rows in corrections["models"].items():
        for model, row in rows.items():
            entry = table.setdefault(provider, {}).setdefault(model, Entry(id=model))
            where = f"corrections.json, {provider}/{model}"
            whole = with_writes(row, writes.get(provider)) if INPUT in row else {}
            price = price_from_params(whole, where=where)
            entry.tiers = price.tiers if price else entry.tiers
            entry.max_input = row.get("max_input_tokens", entry.max_input)
            entry.max_output = row.get("max_output_tokens", entry.max_output)
            if "flags" in row:
                kept = "".join(c for c in entry.flags if c.lower() not in row["flags"].lower())
                entry.flags = kept + row["flags"]
            entry.page, entry.origin = row["source"], (entry.origin if price is None else "") + "c"


def thin(rows: dict[str, Entry]) -> None:
    """Drops a dated id that says nothing else than the id without its date: a look-up finds it there."""
    for key in list(rows):
        plain = rows.get(undated(key))
        row = rows[key]
        if plain is not None and plain is not row and (row.tiers, row.mode) == (plain.tiers, plain.mode):
            del rows[key]


def dump(table: Table, head: Mapping[str, Any], corrections: Mapping[str, Any]) -> str:
    """The text of `models.json`: one line a model, sorted, so that a new price is a one-line change."""
    pages = sorted({entry.page for rows in table.values() for entry in rows.values()})
    top = {**head, "pages": pages} | {name: corrections[name] for name in ("roles", "claude_as", "aliases")}
    top["efforts"] = {
        provider: [[row["models"], row["efforts"]] for row in rows] for provider, rows in corrections["efforts"].items()
    }
    parts = [f"{_json(key)}:{_json(value)}" for key, value in top.items()]
    blocks = []
    for provider in sorted(table):
        lines = [f"{_json(table[provider][key].id)}:{_json(_row(table[provider][key], pages))}" for key in
                 sorted(table[provider])]  # fmt: skip
        blocks.append(f"{_json(provider)}:{{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + ',\n"models":{\n' + ",\n".join(blocks) + "\n}\n}\n"


def _row(entry: Entry, pages: list[str]) -> list[Any]:
    tiers = [_rates(tier) for tier in entry.tiers]
    row: list[Any] = [tiers, entry.max_input, entry.max_output, entry.flags, pages.index(entry.page), entry.origin]
    return row + ([entry.mode, entry.retires] if entry.retires else [entry.mode] if entry.mode else [])


def _rates(tier: Rates) -> list[int]:
    row = [tier.input, tier.output, tier.cache_read, tier.cache_write, tier.cache_write_1h, tier.above]
    return row if tier.above else row[:-1]


def _join(one: Entry, other: Entry) -> tuple[Rates, ...] | None:
    """One price out of two that agree in what both name; None where they disagree."""
    both = one.said & other.said
    if len(one.tiers) != len(other.tiers):
        return None
    joined = []
    for a, b in zip(one.tiers, other.tiers, strict=True):
        if (a.input, a.output, a.above) != (b.input, b.output, b.above) or (
            any(getattr(a, name) != getattr(b, name) for name in both)
        ):
            return None
        reads = a if "cache_read" in one.said else b
        writes = a if "cache_write" in one.said else b
        joined.append(Rates(a.input, a.output, reads.cache_read, writes.cache_write, writes.cache_write_1h, a.above))
    return tuple(joined)


def _weight(entry: Entry) -> tuple[int, int, int]:
    last = entry.tiers[-1]
    first = entry.tiers[0]
    return (first.input + first.output, last.input + last.output, first.cache_read)


def _show(entry: Entry) -> str:
    """Dollars per million: input/output/cache read, and the cache write where the source names one."""
    shown = []
    for tier in entry.tiers:
        rates = [tier.input, tier.output, tier.cache_read] + [tier.cache_write] * ("cache_write" in entry.said)
        above = f">{tier.above // 1000}k " if tier.above else ""
        shown.append(above + "/".join(dollars(rate) for rate in rates))
    return " ".join(shown)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
