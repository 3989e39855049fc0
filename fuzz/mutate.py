"""Changes an input the way formats break: a JSON value replaced, dropped, moved or repeated inside an event."""

from __future__ import annotations

import json
import random
from typing import Any

_VALUES: list[Any] = [None, True, False, 0, -1, 2**63, 1e300, 0.5, "", "x", "null", "{}", "\ud800", [], {}, [[]]]
_VALUES += [{"type": "x"}, [None], ["x"], "data:image/png;base64,AAAA"]


def varied(data: bytes, chance: random.Random) -> bytes:
    """An input with its payload mutated, at times for another client and cut in other places."""
    other = bytes([chance.randrange(256)]) if chance.random() < 0.2 else data[1:2]
    return data[:1] + other + mutated(data[2:], chance)


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


def _bent(document: Any, chance: random.Random) -> Any:
    """The document with one place in it changed; every place is as likely, however deep it stands."""
    places = _places(document)
    if not places or chance.random() < 0.02:
        return chance.choice(_VALUES)
    holder, at = chance.choice(places)
    move = chance.random()
    if move < 0.5:
        holder[at] = chance.choice(_VALUES)
    elif move < 0.65:
        del holder[at]
    elif move < 0.8:
        other, there = chance.choice(places)
        holder[at] = json.loads(json.dumps(other[there]))
    elif isinstance(holder, list):
        holder.insert(at, json.loads(json.dumps(holder[at])))
    else:
        holder[chance.choice(sorted(holder))] = json.loads(json.dumps(holder[at]))
    return document


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Each place in a document, as what holds it and its key there."""
    places: list[tuple[Any, Any]] = []
    holders = [document]
    while holders:
        holder = holders.pop()
        if isinstance(holder, dict | list):
            keys = list(holder) if isinstance(holder, dict) else range(len(holder))
            places += [(holder, key) for key in keys]
            holders += [holder[key] for key in keys]
    return places
