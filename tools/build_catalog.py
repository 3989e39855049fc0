"""Makes `src/trunkline/catalog/data/models.json`: prices, limits and abilities of models, from public sources.

    python -m tools.build_catalog --litellm litellm-1.109.1-*.whl --date 2026-11-20      write the file
    python -m tools.build_catalog --litellm litellm-1.109.1-*.whl --check                compare, write nothing

The wheel comes from `pip download litellm==1.109.1 --no-deps`; genai-prices must be installed. Both are MIT; facts only
are taken. The same inputs give the same bytes. `--check` ends with 1 when the file is not what the sources give, and
prints every price on which the sources disagree, and which of them won.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools.catalog_merge import RULE, correct, dump, merge, thin
from tools.catalog_sources import Writes, from_genai, from_litellm, litellm_rows

DATA = Path(__file__).resolve().parent.parent / "src" / "trunkline" / "catalog" / "data"
TARGET = DATA / "models.json"
CORRECTIONS = DATA / "corrections.json"


def build(wheel: Path, litellm_version: str, day: date) -> tuple[str, list[str]]:
    """The text of the data file and the disagreements."""
    corrections: dict[str, Any] = json.loads(CORRECTIONS.read_text(encoding="utf-8"))
    writes: Writes = {
        provider: (Decimal(row["short"]), Decimal(row["long"])) for provider, row in corrections["cache_writes"].items()
    }
    table, disagreements = merge(from_litellm(litellm_rows(wheel), writes), from_genai(day, writes))
    correct(table, corrections, writes)
    for rows in table.values():
        thin(rows)
    head = {
        "date": day.isoformat(),
        "rule": RULE,
        "sources": [
            {"name": "litellm", "version": litellm_version, "licence": "MIT", "at": "github.com/BerriAI/litellm"},
            {"name": "genai-prices", "version": version("genai-prices"), "licence": "MIT",
             "at": "github.com/pydantic/genai-prices"},
            {"name": "corrections.json", "licence": "Apache-2.0", "at": "this repository"},
        ],
    }  # fmt: skip
    return dump(table, head, corrections), disagreements


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--litellm", type=Path, required=True, help="the litellm wheel, or its price file as JSON")
    parser.add_argument("--litellm-version", default="", help="needed where the file's name does not tell it")
    parser.add_argument("--date", type=date.fromisoformat, help="the day the prices are valid on (default: the file's)")
    parser.add_argument("--check", action="store_true", help="write nothing; print disagreements; 1 if out of date")
    options = parser.parse_args(arguments)
    told = options.litellm_version or _version_in(options.litellm.name)
    day = options.date or _day_of_file()
    if not told or day is None:
        parser.error("--litellm-version and --date are needed here: neither the file's name nor an older file tells.")
    text, disagreements = build(options.litellm, told, day)
    for line in disagreements:
        print(line)
    current = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    if options.check:
        state = "as built" if text == current else "OUT OF DATE: run this again without --check"
        print(f"{len(disagreements)} disagreements; {TARGET.name} is {state}")
        return int(text != current)
    TARGET.write_text(text, encoding="utf-8")
    print(f"{len(disagreements)} disagreements; {TARGET.name}: {len(text.encode())} bytes")
    return 0


def _version_in(name: str) -> str:
    found = re.match(r"litellm-([0-9.]+)-", name)
    return found[1] if found else ""


def _day_of_file() -> date | None:
    return date.fromisoformat(json.loads(TARGET.read_text(encoding="utf-8"))["date"]) if TARGET.exists() else None


if __name__ == "__main__":
    sys.exit(main())
