"""The tables of docs/errors.md, from the failure tree, what follows from each kind, and what providers mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from types import MappingProxyType

import msgspec

from tools import pages
from trunkline import errors
from trunkline.catalog.faults import ANYWHERE, BY_PROVIDER, BY_STATUS, WORDINGS, Fault
from trunkline.catalog.providers import find
from trunkline.errors import CallerFailure, Failure, GatewayFailure, OverLimit, ProviderFailure
from trunkline.route.kinds import KINDS, Follows
from trunkline.serve.capitals import capital
from trunkline.wire.formats import FORMATS

PAGE = "errors.md"

MENDS: Mapping[str, str] = {
    "InvalidRequest": "Mend the request; `param` names the member.",
    "WireNotOffered": "Ask in a format that the provider speaks: [providers](providers.md).",
    "LoopStopped": "Tell the agent to do something else, or change [`loop_guard`](configuration.md#runaway-agents).",
    "KeyMissing": "Send the gateway's key, or [a virtual one](keys.md), in `Authorization: Bearer` or `x-api-key`.",
    "NotAllowed": "The message says what may not be done, and who may allow it.",
    "UnknownPath": "The message names the nearest path; [litellm.md](litellm.md#endpoints) lists them.",
    "UnknownModel": "`GET /v1/models` lists what is offered; a bare name may lack its prefix (`zai/`).",
    "UnknownResponse": "It was made at another gateway, or too long ago: send the conversation itself.",
    "WrongMethod": "The message names the right method.",
    "OverLimit": "Wait for `Retry-After`, or raise [the key's limit](keys.md).",
    "TooLarge": "Send less, or raise `max_request_size_mb`.",
    "WrongContentType": "Send `content-type: application/json`.",
    "ConfigInvalid": "`trunkline check FILE` names file, line, key and remedy.",
    "Internal": "Report it with the log's lines of that request id.",
    "ProviderKeyUnset": "Set the variable that the message names; [providers](providers.md) says where keys are made.",
    "StoreDown": "Free the disk, or make `TRUNKLINE_HOME` writable; the log names the cause.",
    "TooBusy": "Send it again shortly, or raise `global_max_parallel_requests`.",
    "QueueFull": "Send it again shortly, add a deployment, or raise [`queue`](configuration.md).",
    "BudgetSpent": "Raise [the budget](configuration.md#budgets), or wait for its next period; the message names it.",
    "BudgetHeld": "Wait for `Retry-After`.",
    "BudgetShared": "Nobody is told it: the fallback answers.",
    "Unpriced": "Write the price beside the model (`input_cost_per_token`), or set `unpriced: allow`.",
    "LimitReached": "Wait for `Retry-After`, raise `rpm` or `tpm`, or add a deployment.",
    "Draining": "Send it again: another process takes it.",
    "ProviderRefused": "What the provider says; [below](#what-providers-mean).",
    "ProviderUnreachable": "Check `api_base`, the network, the proxy and the certificates: `trunkline doctor`.",
    "ProviderCut": "Send it again.",
    "ProviderGarbage": "Check `api_base`: something that is no API may answer there.",
    "ProviderResting": "Wait for `Retry-After`; the message is the last failure's.",
    "ProviderTimeout": "Raise the time-out that the message names, or ask a faster model.",
}
"""Failure → what to do. The answer itself says it more exactly, of the case at hand."""

_TOLD = {
    "ConfigInvalid": "none: nothing starts",
    "BudgetShared": "none",
}
"""Failures that no client is told."""

_ASIDE = re.compile(r" `(?:retry_after|answer|kind)`[^.]*\.")
"""What a docstring tells of members of the class."""


def parts() -> Mapping[str, str]:
    """The generated parts of the page."""
    return {
        "tree": tree(),
        "kinds": kinds(),
        "wires": wires(),
        "examples": examples(),
        "providers": providers(),
        "anywhere": anywhere(),
    }


def failures(of: type[Failure]) -> Iterator[type[Failure]]:
    """The failures under a branch of the tree, in the order in which they are drawn."""
    for each in vars(errors).values():
        if isinstance(each, type) and issubclass(each, of) and each.__name__ in MENDS:
            yield each


def tree() -> str:
    """One table for each of who may be at fault."""
    titles = {
        CallerFailure: "The request is at fault",
        GatewayFailure: "The gateway, or whoever runs it, is at fault",
        ProviderFailure: "The provider is at fault",
    }
    head = ("code", "in capitals", "status", "kind", "`x-should-retry`", "what happened", "what to do")
    return "\n\n".join(
        f"### {title}\n\n{pages.table(head, map(_row, failures(branch)))}" for branch, title in titles.items()
    )


def _row(failure: type[Failure]) -> tuple[str, ...]:
    name = failure.__name__
    told = _ASIDE.sub("", cleandoc(failure.__doc__ or "").replace("\n", " "))
    again = "`false`" if failure.hopeless else "–"
    if name == "ProviderRefused":
        return "its own", "–", "its own", "by what it means", again, told, MENDS[name]
    told_nobody = name in _TOLD
    return (
        f"`{failure.code}`",
        "–" if told_nobody else f"`{capital(failure(''))}`",
        _TOLD.get(name, str(failure.status)),
        f"`{failure.kind}`",
        again,
        told,
        MENDS[name],
    )


def kinds() -> str:
    """What follows from each kind."""
    told = _words_of_kinds()
    head = ("kind", "what it is", "another deployment", "the same again", "rests", "`x-should-retry`")
    return pages.table(head, ((f"`{name}`", told[name], *_follows(row)) for name, row in KINDS.items()))


def _words_of_kinds() -> dict[str, str]:
    """The words beside `errors.Kind`."""
    source = Path(errors.__file__).read_text(encoding="utf-8")
    text = " ".join(source.partition("What sort of failure it is")[2].partition('"""')[0].split())
    found: dict[str, str] = {}
    for names, words in re.findall(r"((?:`\w+`(?:, )?)+): ([^`]+?)\.(?= `|$)", text):
        each = re.findall(r"\w+", names)
        found.update(zip(each, words.split(", ") if len(each) > 1 else [words], strict=True))
    return found


def _follows(row: Follows) -> tuple[str, ...]:
    other = {"no": "no", "yes": "yes", "special": "only one that is meant for it"}[row.other]
    rests = {"": "–", "key": "all of that key", "deployment": "the deployment"}[row.rest]
    rests += ", at once" if row.at_once else ""
    return other, "yes" if row.again else "no", rests, "`false`" if row.hopeless else "–"


def wires() -> str:
    """The error's type in each wire's own words, by status."""
    statuses = sorted({each.status for each in failures(Failure) if each.__name__ not in (*_TOLD, "ProviderRefused")})
    return pages.table(
        ("status", "Anthropic `error.type`", "OpenAI `error.type`", "Gemini `error.status`"),
        ((str(status), *(f"`{word}`" for word in _types(status))) for status in statuses),
    )


def _types(status: int) -> Iterator[str]:
    failure = Failure("", status=status)
    for wire, member in (("anthropic", "type"), ("openai_chat", "type"), ("gemini", "status")):
        yield msgspec.json.decode(FORMATS[wire].render(failure, "", "", ""))["error"][member]  # type: ignore[index]


def examples() -> str:
    """One failure in each wire."""
    failure = OverLimit(
        "The key's limit of 10 requests a minute is reached.", remedy="Wait 12 seconds.", retry_after=12
    )
    told = {
        "Anthropic": "anthropic",
        "OpenAI, Chat and Responses": "openai_chat",
        "Gemini": "gemini",
        "Ollama": "ollama",
    }
    rendered = []
    for title, wire in told.items():
        body = FORMATS[wire].render(failure, "019a-…", "2026-11-27T12:00:00Z", failure.code)  # type: ignore[index]
        rendered.append(f"{title}:\n\n```json\n{msgspec.json.format(body, indent=2).decode()}\n```")
    return "\n\n".join(rendered)


def providers() -> str:
    """What each provider's own codes mean."""
    return "\n\n".join(f"### {_title(name)}\n\n{_codes(name, table)}" for name, table in _same(BY_PROVIDER))


def _same(tables: Mapping[str, Mapping[str, Fault]]) -> Iterator[tuple[str, Mapping[str, Fault]]]:
    """Providers with the same table are one."""
    seen: dict[int, list[str]] = {}
    for name, table in tables.items():
        seen.setdefault(id(table), []).append(name)
    for names in seen.values():
        yield " ".join(names), tables[names[0]]


def _title(names: str) -> str:
    rows = [find(name) for name in names.split()]
    return " and ".join(row.title for row in rows if row is not None)


def _codes(names: str, table: Mapping[str, Fault]) -> str:
    row = find(names.split()[0])
    assert row is not None, f"the catalog has no provider {names}"
    said = {"provider": row.title, "page": row.key_page, "model": "MODEL", "key": f"`{''.join(row.key_names[:1])}`"}
    rows = ((pages.code(codes), *_meaning(found, said)) for codes, found in _grouped(table.items()))
    return pages.table(("code", "kind", "what to do"), rows)


def _grouped(items: Iterable[tuple[str, Fault]]) -> Iterator[tuple[list[str], Fault]]:
    """Codes that mean the same, together."""
    groups: dict[Fault, list[str]] = {}
    for code, found in items:
        groups.setdefault(found, []).append(code)
    for found, codes in groups.items():
        yield codes, found


_ANY = {"provider": "PROVIDER", "page": "the provider's page", "model": "MODEL", "key": "`KEY`"}


def _meaning(found: Fault, said: Mapping[str, str] = MappingProxyType(_ANY)) -> tuple[str, str]:
    """Its kind, and its remedy with words in the places of names."""
    return f"`{found.kind}`", found.remedy.format_map(said) or "–"


def anywhere() -> str:
    """Codes, wordings and statuses that mean the same wherever they are seen."""
    head = ("kind", "what to do")
    codes = ((pages.code(codes), *_meaning(found)) for codes, found in _grouped(ANYWHERE.items()))
    words = (
        (", ".join(map(str, sorted(statuses))), f"``{pattern.pattern}``", *_meaning(found))
        for statuses, pattern, found in WORDINGS
    )
    by_status = _grouped((str(status), found) for status, found in BY_STATUS.items())
    statuses = ((", ".join(codes), *_meaning(found)) for codes, found in by_status)
    return "\n\n".join(
        (
            pages.table(("code", *head), codes),
            "Where no code says it, the message does (a pattern; the first that fits counts):",
            pages.table(("status", "wording", *head), words),
            "Else the status does:",
            pages.table(("status", *head), statuses),
            "Any other status of 500 and above is `server`, any other below is `caller`.",
        )
    )
