"""Keys as they were written: what copying brought along, and keys of somebody else. Shows none of them.

Trunkline takes blanks and one pair of quotes around a key away by itself; programs that read the same variable do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trunkline.catalog.providers import at_host
from trunkline.cli.findings import Finding
from trunkline.cli.providers import recognise
from trunkline.config.schema import Deployment, Snapshot
from trunkline.config.secrets import clean

_BEARER = re.compile(r"^bearer[\s:]+", re.IGNORECASE)
_NAMED = re.compile(r"^(?:export\s+)?[A-Z][A-Z0-9_]{2,}\s*=\s*")
_QUOTES = "\"'`“”‘’"


def look(snapshot: Snapshot, environ: Mapping[str, str], told: frozenset[str]) -> Iterator[Finding]:
    """A finding for each key that is not as its vendor made it. `told`: variables that somebody else reports."""
    seen: set[str] = set()
    for each in snapshot.deployments():
        name = each.key.source if each.key is not None else ""
        if each.key is None or name in seen:
            continue
        seen.add(name)
        raw = environ.get(name, each.key.value)
        if (trouble := stray(raw)) and name not in told:
            works = clean(raw) == bare(raw) and not any(sign.isspace() for sign in clean(raw))
            tail = "Trunkline does without; other programs may not." if works else "So it is sent, and refused."
            remedy = f"Write the key alone into {name}."
            yield Finding("key", "warn" if works else "fail", f"{name} {trouble}. {tail}", remedy, "key.stray")
        if found := _foreign(each, name):
            yield found


def stray(raw: str) -> str:
    """What a value has around or in it that no key has, as the end of a sentence; empty for a clean one."""
    text = raw.strip()
    if _NAMED.match(text):
        return "holds a whole assignment (`NAME=key`) instead of a key"
    if _BEARER.match(text.strip(_QUOTES)):
        return "begins with `Bearer`, which is the header's word and no part of a key"
    if "\n" in text or "\r" in text:
        return "has a line break in it"
    if text[:1] in _QUOTES or text[-1:] in _QUOTES:
        return "has quotes around it"
    if raw != text:
        return "has blanks or a line break around it"
    if any(sign.isspace() for sign in text):
        return "has blanks in it"
    return ""


def bare(raw: str) -> str:
    """The key alone; the value itself where nobody can tell which part of it is one."""
    text = raw.strip().strip(_QUOTES).strip()
    text = _BEARER.sub("", _NAMED.sub("", text)).strip().strip(_QUOTES).strip()
    return raw if any(sign.isspace() for sign in text) or not text else text


def _foreign(deployment: Deployment, name: str) -> Finding | None:
    """A key that looks like another vendor's than the one it is sent to."""
    key = deployment.key
    owner = recognise(key.value) if key is not None else None
    base = next((door.base for door in deployment.doors.values()), "")
    host = at_host(base)
    family = {"zai", "bigmodel"}
    if owner is None or host is None or owner is host or {owner.name, host.name} <= family:
        return None
    seen = f"The key in {name} looks like one of {owner.title}'s, and is sent to {host.title}."
    return Finding("key", "warn", seen, f"Keys of {host.title} are made at {host.key_page}.", "key.other_vendor")
