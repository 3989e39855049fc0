"""Decides which deployments may answer a request, and in which order. Pure: no I/O, no clock; chance is passed in."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trunkline.catalog.models import look_up, vendor_name
from trunkline.catalog.providers import at_host
from trunkline.config.schema import Deployment, Door, Snapshot
from trunkline.errors import InvalidRequest, UnknownModel, WireNotOffered
from trunkline.model.wires import ANSWERING, COUNTING, EMBEDDING, GENERATING, WIRE_OF, Operation, Wire
from trunkline.route.beside import counted_in, embedded_in

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


def plan(snapshot: Snapshot, asked: str, operation: Operation, chance: Callable[[], float]) -> Plan:
    """Who answers `asked`. Raises `UnknownModel`, `InvalidRequest` (no model), `WireNotOffered`.

    A deployment whose key is missing comes last, so that it is reached only when nothing else is there to answer:
    then its own sentence about the key is the most useful thing to say.
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
    wire = WIRE_OF[operation]
    candidates: list[Candidate] = []
    skipped: list[str] = []
    without: list[Candidate] = []
    seen: set[str] = set()
    for name, deployments in _chain(snapshot, group, found):
        for deployment in _ordered(list(deployments), chance):
            if deployment.id in seen:
                continue
            model = _named(deployment, asked if name == group else name)
            spoken = _asked_in(deployment, operation, model)
            if spoken is None:
                skipped.append(f"{deployment.id} speaks no {wire}")
                continue
            seen.add(deployment.id)
            candidate = Candidate(deployment, deployment.doors[WIRE_OF[spoken]], WIRE_OF[spoken], spoken, model, name)
            (without if deployment.key_missing else candidates).append(candidate)
    if candidates:
        skipped += [f"{each.deployment.id} has no key" for each in without]
    else:
        candidates = without[:1]
    if not candidates:
        raise _not_offered(asked, found, wire)
    return Plan(asked, group, tuple(candidates), tuple(skipped))


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
    """The group that a name means, and its deployments: exact, alias, without a client's marks, then wildcards."""
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


def _chain(
    snapshot: Snapshot, group: str, found: tuple[Deployment, ...]
) -> Iterable[tuple[str, tuple[Deployment, ...]]]:
    """The group itself, then its fallbacks, each with its deployments."""
    yield group, found
    for name in snapshot.fallbacks.get(group, snapshot.default_fallbacks):
        try:
            _, deployments = resolve(snapshot, name)
        except UnknownModel:
            # A fallback that names nothing was warned about when the configuration was read.
            continue
        yield name, deployments


def _ordered(deployments: list[Deployment], chance: Callable[[], float]) -> list[Deployment]:
    """By `order`, and within it a shuffle that respects the weights (Efraimidis and Spirakis, 2006)."""
    if len(deployments) < 2:
        return deployments

    def rank(deployment: Deployment) -> tuple[int, float]:
        weight = deployment.weight
        return deployment.order, -(max(chance(), 1e-12) ** (1.0 / weight)) if weight > 0 else 1.0

    return sorted(deployments, key=rank)


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
