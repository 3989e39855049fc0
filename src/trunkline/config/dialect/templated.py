"""References as templates write them: `{{ env.NAME }}` becomes `os.environ/NAME`. No I/O."""

from __future__ import annotations

import re
from typing import Any

from trunkline.config.section import LITELLM_REFERENCE, Reading
from trunkline.config.yaml_lines import Listed, Mapped

_REFERENCE = re.compile(r"\{\{\s*env\.([A-Za-z_]\w*)\s*\}\}")


def expanded(reading: Reading, value: Mapped) -> Mapped:
    """The document with its references in LiteLLM's words; inside a longer text they are `${NAME}`."""
    done: Mapped = _expanded(reading, value)
    return done


def _expanded(reading: Reading, value: Any) -> Any:
    if isinstance(value, Mapped):
        made = Mapped(value.line)
        made.lines, made.texts = dict(value.lines), dict(value.texts)
        made.update({key: _expanded(reading, item) for key, item in value.items()})
        return made
    if isinstance(value, Listed):
        items = Listed(value.line)
        items.lines, items.texts = list(value.lines), list(value.texts)
        items += [_expanded(reading, item) for item in value]
        return items
    if not isinstance(value, str) or "{{" not in value:
        return value
    if whole := _REFERENCE.fullmatch(value.strip()):
        return f"{LITELLM_REFERENCE}{whole[1]}"
    if _REFERENCE.search(value):
        reading.braces_noted = True  # it is no habit of the writer's, but ours
    return _REFERENCE.sub(r"${\1}", value)
