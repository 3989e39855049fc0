"""What is expected of a written configuration, told in the file itself, or in `NAME.marks` beside one without comments.

At the end of a line: `#! kind kind` are the warnings about that line, in parentheses those that do not count;
`#! refuses` is where the file is refused, `#! refuses mendable` where its migration mends even that. In a line of its own:
`#! with NAME=value …`, `#! without NAME …` (every provider's key is set where nothing is said), `#! ignore SETTING …`, and `#! sdk`
(LiteLLM's SDK is installed).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trunkline.catalog.providers import PROVIDERS

FOUND = Path(__file__).parents[2] / "fixtures" / "config" / "found"
_MARK = re.compile(r"#! (.+)$")
_WORDS = ("with", "without", "ignore", "sdk")


def configurations() -> list[Path]:
    """All of them; of those made of several files, the first."""
    alone = [path for path in FOUND.iterdir() if path.suffix in (".yaml", ".yml", ".json")]
    return sorted([*alone, *FOUND.glob("*/config.*")])


@dataclass(slots=True)
class Expected:
    """What a configuration is read with, and what is told of it: `(file, line, kind, counts)`, each as often as told."""

    environ: dict[str, str] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    sdk: bool = False
    warnings: Counter[tuple[str, int, str, bool]] = field(default_factory=Counter)
    refused_at: str = ""
    mendable: bool = False


def expected(path: Path) -> Expected:
    """Reads the marks of a file and of those in the folder it is the first of."""
    keys = {name: f"sk-test-{number:03}" for number, row in enumerate(PROVIDERS) for name in row.key_names[:1]}
    found = Expected(environ=keys)
    first = path.parent if path.stem == "config" else None
    for file in sorted(first.rglob("*.yaml")) if first else [path]:
        name = str(file.relative_to(first)) if first else file.name
        for number, words in _marks(file):
            if words[0] in _WORDS:
                _say(found, words[0], words[1:])
            elif words[0] == "refuses":
                found.refused_at, found.mendable = f"{name.rpartition('/')[2]}:{number}", "mendable" in words
            else:
                for word in words:
                    counts = not word.startswith("(")
                    found.warnings[name.rpartition("/")[2], number, word.strip("()"), counts] += 1
    return found


def _marks(file: Path) -> Iterator[tuple[int, list[str]]]:
    aside = file.with_name(f"{file.name}.marks")
    if aside.exists():
        for line in aside.read_text(encoding="utf-8").splitlines():
            words = line.split()
            yield (int(words[0]), words[1:]) if words[0].isdigit() else (0, words)
        return
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        mark = _MARK.search(line)
        if mark:
            yield number, mark[1].split()


def _say(found: Expected, word: str, rest: list[str]) -> None:
    if word == "with":
        found.environ |= dict(each.split("=", 1) for each in rest)
    elif word == "without":
        found.environ = {name: value for name, value in found.environ.items() if name not in rest}
    elif word == "ignore":
        found.ignore = frozenset(rest)
    else:
        found.sdk = True
