"""Which deployments are called and how, so that each is asked once and a line that means many models is one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trunkline.catalog.models import look_up, small
from trunkline.catalog.providers import at_host
from trunkline.cli.tiers import NO_CHAT
from trunkline.config.check import price_of
from trunkline.config.schema import Deployment, Snapshot

How = Literal["messages", "chat", "embeddings", "list"]
"""What is asked for; `list`: the list of models, which is free."""

SAY = "Reply with the one word: ok"
_TALK = {"max_tokens": 16, "messages": [{"role": "user", "content": SAY}]}
"""16 is the least that OpenAI's Responses take (platform.openai.com/docs/api-reference/responses, 2026-11)."""
SAID: Mapping[How, Mapping[str, Any]] = {"messages": _TALK, "chat": _TALK, "embeddings": {"input": "ok"}}


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: by which deployment, for what, and the model names of all that it speaks for."""

    deployment: Deployment
    how: How
    names: tuple[str, ...]

    @property
    def called(self) -> str:
        """`zai/glm-4.6 (claude-3-5-sonnet, claude-3-opus)`; where many names are meant, how many."""
        model = f"{self.deployment.provider.name}/{self.deployment.model}"
        others = [name for name in self.names if name not in (model, self.deployment.model)]
        if len(others) > 3:
            return f"{model} (and {len(others)} more names)"
        return f"{model} ({', '.join(others)})" if others else model


def asked(snapshot: Snapshot) -> list[Asked]:
    """The calls to make. Left out: the demo, and who has no key, which is a finding of its own.

    Deployments with the same key, address, plan and model are one. So are all that one line of the configuration
    stands for at one address (a run without a file offers every model of a key): the vendor's small one speaks, else
    the cheapest that chats.
    """
    lines: dict[tuple[str, str, str], list[Deployment]] = {}
    for each in snapshot.deployments():
        if each.provider.embedded == "demo" or each.key_missing or not each.doors:
            continue
        lines.setdefault((each.where, _key(each), _base(each)), []).append(each)
    calls: dict[tuple[str, str, str, str, How], Asked] = {}
    for members in lines.values():
        chosen = _speaker(snapshot, members)
        how = _how(chosen)
        name = (_key(chosen), _base(chosen), chosen.plan, "" if how == "list" else chosen.model, how)
        known = calls.get(name)
        names = dict.fromkeys((*(known.names if known else ()), *(each.group for each in members)))
        calls[name] = Asked(known.deployment if known else chosen, how, tuple(names))
    return list(calls.values())


def _speaker(snapshot: Snapshot, members: list[Deployment]) -> Deployment:
    chat = [each for each in members if _how(each) in ("messages", "chat")]
    if not chat:
        return members[0]
    return min(chat, key=lambda each: (each.model != small(each.provider.name), _cost(snapshot, each), each.model))


def _cost(snapshot: Snapshot, deployment: Deployment) -> float:
    price = price_of(snapshot, deployment)
    return float(price.tiers[0].input + price.tiers[0].output) if price is not None else float("inf")


def _how(deployment: Deployment) -> How:
    if "*" in deployment.model:
        return "list"
    base = _base(deployment)
    known = look_up((at_host(base) or deployment.provider).name, deployment.model)
    mode = str(deployment.info.get("mode") or (known.mode if known else ""))
    if mode == "embedding" or (mode in ("", "chat") and "embed" in deployment.model.lower()):
        return "embeddings"
    if mode not in ("", "chat", "responses") or NO_CHAT.search(deployment.model):
        return "list"
    return "messages" if next(iter(deployment.doors)) == "anthropic" else "chat"


def _key(deployment: Deployment) -> str:
    return deployment.key.value if deployment.key is not None else ""


def _base(deployment: Deployment) -> str:
    return next((door.base for door in deployment.doors.values()), "")
