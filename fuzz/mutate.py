"""Changes an input the way formats break: a JSON value replaced, dropped, moved or repeated inside an event."""

from __future__ import annotations

import json
import random
from typing import Any

_VALUES: list[Any] = [None, True, False, 0, -1, 2**63, 1e300, 0.5, "", "x", "null", "{}", "\ud800", [], {}, [[]]]
_VALUES += [{"type": "x"}, [None], ["x"], "data:image/png;base64,AAAA"]


def mutated(payload: bytes, chance: random.Random) -> bytes:
    """The payload with one or two of its JSON documents changed; the same for the same state of `chance`."""
    lines = payload.split(b"\n")
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(lines))
        head, found, rest = lines[at].partition(b"{")
        move = chance.random()
        if move < 0.1:
            lines.insert(at, chance.choice(lines))
        elif move < 0.2:
            del lines[at]
            lines = lines or [b""]
        elif found:
            try:
                document = json.loads(found + rest)
            except (ValueError, RecursionError):
                continue
            lines[at] = head + json.dumps(_bent(document, chance)).encode()
    return b"\n".join(lines)


def _bent(value: Any, chance: random.Random) -> Any:
    """The value with one place in it changed."""
    if not value or not isinstance(value, dict | list) or chance.random() < 0.1:
        return chance.choice(_VALUES)
    if isinstance(value, list):
        at = chance.randrange(len(value))
        if chance.random() < 0.2:
            return [*value, value[at]]
        return [*value[:at], _bent(value[at], chance), *value[at + 1 :]]
    key = chance.choice(sorted(value))
    move = chance.random()
    if move < 0.2:
        return {name: inner for name, inner in value.items() if name != key}
    if move < 0.3:
        return {**value, chance.choice(sorted(value)): value[key]}
    return {**value, key: _bent(value[key], chance)}
