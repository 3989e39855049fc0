"""Every code that a finding may have is a row of the documentation, and the other way round."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "troubleshooting.md"
SOURCES = [
    *(ROOT / "src/trunkline/cli/diagnosis").glob("*.py"),
    *(ROOT / "src/trunkline/cli" / f"{name}.py" for name in ("agent_base", "agent_files", "doctor", "service")),
    ROOT / "src/trunkline/cli/config_findings.py",
]
AREAS = (
    "account|address|answer|call|claude|clock|config|env|home|keys?|model|network|ollama|port|provider|proxy"
    "|round_trip|service|tls|zai"
)
CODE = re.compile(rf"(?:{AREAS})\.(?!md$|yaml$|env$)[a-z_]+")


def in_sources() -> set[str]:
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    return found


def test_every_code_is_explained_and_nothing_else_is() -> None:
    told = {code for code in re.findall(r"`([a-z_.]+)`", PAGE.read_text(encoding="utf-8")) if CODE.fullmatch(code)}
    assert told == in_sources()
    assert len(told) > 60
