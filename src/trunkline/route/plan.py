"""Decides which deployments may answer a request, and in which order. Pure: no I/O, no clock; chance is passed in."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from trunkline.catalog.models import look_up, vendor_name
from trunkline.catalog.providers import at_host, find, serves
from trunkline.config.check import price_of
from trunkline.config.schema import Deployment, Door, Snapshot
from trunkline.errors import InvalidRequest, UnknownModel, WireNotOffered
from trunkline.model.wires import ANSWERING, COUNTING, EMBEDDING, GENERATING, WIRE_OF, Operation, Wire
from trunkline.route.beside import counted_in, embedded_in
from trunkline.route.strategy import Loads, ordered
from trunkline.route.wishes import NO_WISHES, Chains, Wishes

_MARKER = re.compile(r"\[\d+m\]$")
"""`[1m]`: a client's own mark for the long context; no provider knows it (Z.AI answers 1211, 2026-09)."""

DISCOVERY_PREFIX = "claude-"
"""Claude Code lists only ids that begin so; other models are offered to it as `claude-<id>`."""

_TITLES: dict[Wire, str] = {
    "anthropic": "Anthropic Messages",
    "openai_chat": "OpenAI Chat Completions",
    "openai_responses": "OpenAI Responses",
    "ollama": "Ollama's native API",
    "gemini": "Gemini",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One deployment that may be tried: through which door, and under which name for the model."""

    deployment: Deployment
    door: Door
    wire: Wire
    operation: Operation
    """What the provider is asked for, in its own wire."""
    model: str
    group: str

    @property
    def called(self) -> str:
        """How logs and the route name it: `zai/glm-5.3`."""
        return f"{self.deployment.provider.name}/{self.model}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for, what that means here, and who may answer, best first. Never empty."""

    asked: str
    group: str
    candidates: tuple[Candidate, ...]
    skipped: tuple[str, ...] = ()
    """Why a deployment is not among them, one short phrase each."""


Weigh = Callable[[Sequence[Deployment]], Loads]
"""Asks what the deployments of a group carry."""
MAX_FALLBACKS = 5
"""Groups that are gone on to at most, as LiteLLM's `max_fallbacks`."""


def _idle(deployments: Sequence[Deployment]) -> Loads:
    return {}


def plan(
    snapshot: Snapshot,
    asked: str,
    operation: Operation,
    chance: Callable[[], float],
    weigh: Weigh = _idle,
    wishes: Wishes = NO_WISHES,
) -> Plan:
    """Who answers `asked`. Raises `UnknownModel`, `InvalidRequest` (no model), `WireNotOffered`.

    A deployment whose key is missing comes last, so that it is reached only when nothing else is there to answer:
    then its own sentence about the key is the most useful thing to say. `weigh` is asked only where a group has a
    choice.
    """
    if not asked:
        asked = snapshot.default_model
    if not asked:
        raise InvalidRequest(
            "The request names no model.",
            param="model",
            remedy="Send a model; GET /v1/models lists what this gateway offers.",
        )
    group, found = resolve(snapshot, asked)
    if wishes.provider and (provider := find(wishes.provider)) is not None:
        found = tuple(each for each in found if serves(provider, each.provider))
    skipped: list[str] = []
    own = _meant(snapshot, asked) if asked in snapshot.cheapest else [(asked, group, found)]
    groups = [*own, *_fallbacks(snapshot, asked, group, wishes)]
    candidates, without = _candidates(snapshot, groups, operation, chance, weigh, skipped)
    if candidates:
        skipped += [f"{each.deployment.id} has no key" for each in without]
    else:
        candidates = without[:1]
    if not candidates:
        raise _not_offered(asked, found, WIRE_OF[operation])
    return Plan(asked, group, tuple(candidates), tuple(skipped))


_Group = tuple[str, str, tuple[Deployment, ...]]
"""The name that is asked for, the group that it means, its deployments."""


def detour(
    snapshot: Snapshot,
    asked: str,
    group: str,
    operation: Operation,
    chance: Callable[[], float],
    kind: Literal["window", "policy"],
    wishes: Wishes = NO_WISHES,
) -> tuple[Candidate, ...]:
    """Who stands in for a group where a conversation is too long (`window`) or was refused (`policy`); maybe nobody."""
    routing = snapshot.routing
    own = wishes.window if kind == "window" else wishes.policy
    table = routing.context_window_fallbacks if kind == "window" else routing.content_policy_fallbacks
    names = () if wishes.no_fallbacks else chain_of(own if own is not None else table, asked, group)
    found = _resolved(snapshot, names or (), strict=own is not None)
    return tuple(_candidates(snapshot, found, operation, chance, _idle, [])[0])


def _candidates(
    snapshot: Snapshot,
    groups: Sequence[_Group],
    operation: Operation,
    chance: Callable[[], float],
    weigh: Weigh,
    skipped: list[str],
) -> tuple[list[Candidate], list[Candidate]]:
    """Those that may be asked, in order, and those that have no key. Why others are left out goes into `skipped`."""
    candidates: list[Candidate] = []
    without: list[Candidate] = []
    seen: set[str] = set()
    for name, called, deployments in groups:
        for deployment in _ordered(snapshot, deployments, chance, weigh):
            if deployment.id in seen:
                continue
            model = _named(deployment, name)
            spoken = _asked_in(deployment, operation, model)
            if spoken is None:
                skipped.append(f"{deployment.id} speaks no {WIRE_OF[operation]}")
                continue
            seen.add(deployment.id)
            wire = WIRE_OF[spoken]
            candidate = Candidate(deployment, deployment.doors[wire], wire, spoken, model, called)
            (without if deployment.key_missing else candidates).append(candidate)
    return candidates, without


def _ordered(
    snapshot: Snapshot, deployments: Sequence[Deployment], chance: Callable[[], float], weigh: Weigh
) -> list[Deployment]:
    if len(deployments) < 2:
        return list(deployments)
    routing = snapshot.routing
    if routing.strategy == "simple-shuffle":
        return ordered(deployments, chance)
    buffer = routing.strategy_args.get("lowest_latency_buffer", 0.0)
    buffer = float(buffer) if isinstance(buffer, (int, float)) else 0.0
    cost = partial(_cost, snapshot)
    return ordered(deployments, chance, routing.strategy, weigh(deployments), cost, buffer)


def _cost(snapshot: Snapshot, deployment: Deployment) -> float:
    """What a million tokens in and a million out cost together; infinite where nobody knows."""
    price = price_of(snapshot, deployment)
    return math.inf if price is None else float(price.tiers[0].input + price.tiers[0].output)


def _meant(snapshot: Snapshot, name: str) -> list[_Group]:
    """The groups that a name stands for, in the order in which they are asked. Raises `UnknownModel`."""
    among = snapshot.cheapest.get(name)
    if among is None:
        return [(name, *resolve(snapshot, name))]
    groups = [(each, *resolve(snapshot, each)) for each in among]
    return sorted(groups, key=lambda group: min(_cost(snapshot, each) for each in group[2]))


def _asked_in(deployment: Deployment, operation: Operation, model: str) -> Operation | None:
    """What to ask of a deployment for an operation: the same where its provider speaks it, else its own wire's."""
    doors = deployment.doors
    wire = WIRE_OF[operation]
    provider = deployment.provider
    answers = operation in ANSWERING
    if operation in EMBEDDING:
        return embedded_in(deployment, operation)
    if operation in COUNTING:
        return counted_in(deployment, operation, _asked_in(deployment, GENERATING[wire], model))
    if operation == "chat" and _only_responses(deployment, model):
        return "responses"
    if wire in doors and (not answers or provider.prefers in ("", wire) or provider.prefers not in doors):
        return operation
    if not answers or not doors:
        return None
    if provider.prefers and provider.prefers in doors:
        return GENERATING[provider.prefers]
    if "openai_responses" in doors and at_host(doors["openai_responses"].base) is not None:
        # OpenAI refuses tools beside reasoning in the chat format from gpt-5.4 on (2026): its own wire takes both.
        known = look_up(provider.name, model)
        if provider.name in ("openai", "azure") and known is not None and known.abilities.reasoning:
            return "responses"
    return next((GENERATING[each] for each in doors), None)


def _only_responses(deployment: Deployment, model: str) -> bool:
    """Whether OpenAI offers a model in its Responses format alone (`gpt-5.3-codex`)."""
    door = deployment.doors.get("openai_responses")
    if door is None or deployment.provider.name not in ("openai", "azure") or at_host(door.base) is None:
        return False
    known = look_up(deployment.provider.name, model)
    return known is not None and known.mode == "responses"


def resolve(snapshot: Snapshot, asked: str) -> tuple[str, tuple[Deployment, ...]]:
    """The group that a name means, and its deployments: exact, alias, without a client's marks, then wildcards.

    A name of `snapshot.cheapest` stands for all the deployments of its groups.
    """
    if (among := snapshot.cheapest.get(asked)) is not None:
        return asked, tuple(each for name in among for each in resolve(snapshot, name)[1])
    plain = _MARKER.sub("", asked)
    names = [asked, plain] if plain != asked else [asked]
    for name in names:
        group = snapshot.aliases.get(name, name)
        if group in snapshot.groups:
            return group, snapshot.groups[group]
    for name in names:
        for pattern, deployments in snapshot.wildcards:
            if matches(pattern, snapshot.aliases.get(name, name)):
                if (listed := _listed(snapshot, plain)) is not None:
                    return listed, snapshot.groups[listed]
                return pattern, deployments
    if (listed := _listed(snapshot, plain)) is not None:
        return listed, snapshot.groups[listed]
    if plain.startswith(DISCOVERY_PREFIX) and (bare := plain.removeprefix(DISCOVERY_PREFIX)):
        for pattern, deployments in snapshot.wildcards:
            if "/" in bare and matches(pattern, bare):
                return pattern, deployments
    raise UnknownModel(f"No model {asked!r} is configured here.", param="model", remedy=_nearest(snapshot, asked))


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a `model_name` with one or more `*`."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def _listed(snapshot: Snapshot, name: str) -> str | None:
    """The group behind an id that model discovery offered as `claude-<id>`."""
    if not name.startswith(DISCOVERY_PREFIX):
        return None
    bare = name.removeprefix(DISCOVERY_PREFIX)
    group = snapshot.aliases.get(bare, bare)
    return group if group in snapshot.groups else None


def chain_of(table: Chains, asked: str, group: str) -> tuple[str, ...] | None:
    """The fallbacks of a group: by the asked name, by the group's, by a pattern that fits, by the entry for all."""
    if not table:
        return None
    for name in (asked, _MARKER.sub("", asked), group):
        if name in table:
            return table[name]
    fitting = [name for name in table if "*" in name and name != "*" and matches(name, group)]
    if fitting:
        return table[max(fitting, key=lambda name: len(name.replace("*", "")))]
    return table.get("", table.get("*"))


def _fallbacks(snapshot: Snapshot, asked: str, group: str, wishes: Wishes) -> list[_Group]:
    """The groups that stand in for one, in order, each followed by its own: at most `max_fallbacks` of them."""
    if wishes.no_fallbacks:
        return []
    most = snapshot.routing.max_fallbacks
    most = MAX_FALLBACKS if most is None else most
    table = snapshot.fallbacks if wishes.fallbacks is None else wishes.fallbacks
    defaults = snapshot.default_fallbacks
    if not table and not defaults:
        return []
    chain: list[_Group] = []
    known, waiting = {group}, [(asked, group)]
    while waiting and len(chain) < most:
        name, called = waiting.pop(0)
        names = chain_of(table, name, called)
        for found in _resolved(snapshot, defaults if names is None else names, strict=wishes.fallbacks is not None):
            if found[1] in known or len(chain) >= most:
                continue
            known.add(found[1])
            chain.append(found)
            waiting.append((found[0], found[1]))
    return chain


def _resolved(snapshot: Snapshot, names: Iterable[str], *, strict: bool) -> list[_Group]:
    """Names and what they mean. Of the configuration's, one that means nothing was warned about when it was read; one
    of a request's own is refused (`strict`)."""
    found: list[_Group] = []
    for name in names:
        try:
            found += _meant(snapshot, name)
        except UnknownModel:
            if strict:
                raise
    return found


def _named(deployment: Deployment, asked: str) -> str:
    """The name the provider is told. What a wildcard's `*` stood for in the asked name is put into the model's."""
    if "*" not in deployment.model:
        return deployment.model
    plain = _MARKER.sub("", asked)
    pattern = "(.*)".join(map(re.escape, deployment.group.split("*")))
    found = re.fullmatch(pattern, plain, re.DOTALL) or re.fullmatch(
        pattern, plain.removeprefix(DISCOVERY_PREFIX), re.DOTALL
    )
    filled = deployment.model.replace("*", found[1] if found and found.groups() else plain, 1)
    return vendor_name(deployment.provider.name, filled)


def _not_offered(asked: str, found: tuple[Deployment, ...], wire: Wire) -> WireNotOffered:
    spoken = sorted({_TITLES[each] for deployment in found for each in deployment.doors})
    providers = sorted({deployment.provider.title for deployment in found})
    return WireNotOffered(
        f"{asked!r} is served by {', '.join(providers)}, which does not speak {_TITLES[wire]}.",
        param="model",
        remedy=f"Ask for it by {' or '.join(spoken) or 'another format'}, or name another model.",
    )


def _nearest(snapshot: Snapshot, asked: str) -> str:
    known = [name for name in (*snapshot.groups, *snapshot.aliases) if name not in snapshot.hidden]
    near = difflib.get_close_matches(asked, known, n=1, cutoff=0.5)
    if not near:
        tails = {name.rpartition("/")[2]: name for name in known}
        near = [tails[each] for each in difflib.get_close_matches(asked.rpartition("/")[2], tails, n=1, cutoff=0.6)]
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}GET /v1/models lists what this gateway offers."
