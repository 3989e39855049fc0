"""Stored responses stay where they were made: what goes on from one is asked of the deployment that has it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from trunkline.config.schema import Deployment, Snapshot
from trunkline.errors import InvalidRequest, ProviderKeyUnset, StoreDown, UnknownResponse
from trunkline.guard.keys import Caller
from trunkline.model.wires import Operation
from trunkline.route.plan import Candidate, Plan
from trunkline.upstream.call import Call
from trunkline.wire.body import Body

_MEMBER = "previous_response_id"
_RESPONSES: frozenset[Operation] = frozenset({"responses", "responses_count"})

_BECAUSE = " (made the previous response)"
_WHOLE = f"Send the whole conversation as `input`, without {_MEMBER}"


class Room(Protocol):
    """Where it is written down: the shared state."""

    def add(self, name: str, deployment: str, now: float, owner: str = "") -> None: ...
    def find(self, name: str, now: float) -> tuple[str, str] | None: ...


class Makers:
    """Which deployment made a response. `now` gives unix seconds."""

    def __init__(self, room: Room, now: Callable[[], float]) -> None:
        self._room, self._now = room, now

    def keep(self, call: Call, candidate: Candidate, name: str) -> None:
        """Writes down who made a response, unless it is not to be stored. `name` is its id, or empty."""
        if not name or call.operation != "responses" or not isinstance(call.body, Body):
            return
        if call.body.flag("store") is not False:
            # The state says in its log when it takes nothing; the answer is there all the same.
            with contextlib.suppress(StoreDown):
                self._room.add(name, candidate.deployment.id, self._now(), call.caller.key)

    def of(self, name: str, caller: Caller) -> str | None:
        """The id of the deployment that made a response; None when nobody here knows. Raises `StoreDown`, and
        `UnknownResponse` for a virtual key that asks for what was made with another."""
        found = self._room.find(name, self._now())
        if found is None:
            return None
        deployment, owner = found
        if caller.grant is not None and owner != caller.key:
            raise UnknownResponse(
                f"The response {name[:100]!r} was not made with this key.", remedy="Ask with the key that made it."
            )
        return deployment


def staying(makers: Makers, call: Call, made: Plan) -> Plan | None:
    """The plan for a request that goes on from a stored response: who has it, and nobody else.

    None when it goes on from none, or from one that is not known here: then its provider decides. Raises
    `InvalidRequest` or `ProviderKeyUnset` when who has it cannot be asked.
    """
    body = call.body
    about = call.operation in _RESPONSES or call.tail.startswith("/responses/")
    if not about or not isinstance(body, Body) or _MEMBER not in body.members:
        return None
    name = body.text(_MEMBER)
    maker_id = makers.of(name, call.caller) if name else None
    if name is None or maker_id is None:
        return None
    maker = configured(call.snapshot, maker_id)
    chosen = _who_has(made, maker_id, maker)
    if chosen is None or chosen.wire != call.wire:
        raise _cannot(name, made.asked, maker, chosen)
    call.because = _BECAUSE
    others = (each.deployment.id for each in made.candidates if each is not chosen)
    skipped = (*made.skipped, *(f"{each} did not make {name}" for each in others))
    return replace(made, group=chosen.group, candidates=(chosen,), skipped=skipped)


def _who_has(made: Plan, maker_id: str, maker: Deployment | None) -> Candidate | None:
    """The maker; else who has the same account, as another model of it has: the account keeps the responses."""
    for each in made.candidates:
        if each.deployment.id == maker_id:
            return each
    if maker is None:
        return None
    return next((each for each in made.candidates if _account(each.deployment) == _account(maker)), None)


def _account(deployment: Deployment) -> tuple[str, str, str]:
    """Whose responses a deployment sees."""
    door, key = deployment.doors.get("openai_responses"), deployment.key
    return deployment.provider.name, door.base if door else deployment.id, key.value if key else ""


def _cannot(
    name: str, asked: str, maker: Deployment | None, chosen: Candidate | None
) -> InvalidRequest | ProviderKeyUnset:
    short = name[:100]
    if maker is None:
        return InvalidRequest(
            f"The deployment that made the response {short!r} is not configured any more.",
            param=_MEMBER,
            remedy=f"{_WHOLE}, or configure that deployment again.",
        )
    if chosen is not None or "openai_responses" not in maker.doors:
        return InvalidRequest(
            f"The response {short!r} was made by a deployment of {maker.group!r} that is not asked in the Responses "
            "format any more.",
            param=_MEMBER,
            remedy=f"{_WHOLE}.",
        )
    if maker.key_missing:
        return ProviderKeyUnset(maker.key_missing)
    return InvalidRequest(
        f"The response {short!r} was made for {maker.group!r}, and no deployment of {asked!r} shares the account that "
        "keeps it.",
        param=_MEMBER,
        remedy=f"Ask for {maker.group!r}, or send the whole conversation as `input`, without {_MEMBER}.",
    )


def configured(snapshot: Snapshot, name: str) -> Deployment | None:
    """The deployment with that id."""
    return next((each for each in _all(snapshot) if each.id == name), None)


def _all(snapshot: Snapshot) -> Iterator[Deployment]:
    for found in snapshot.groups.values():
        yield from found
    for _, found in snapshot.wildcards:
        yield from found
