"""What a call may do, once it is read: whom it is for, what they may ask for, which limits it counts on."""

from __future__ import annotations

from collections.abc import Iterator

from trunkline.config.schema import Snapshot
from trunkline.errors import InvalidRequest, NotAllowed, UnknownModel
from trunkline.guard.grant import Grant, access_of, check_model
from trunkline.model.wires import FREE
from trunkline.route.plan import resolve
from trunkline.serve.desk import Desk
from trunkline.upstream.call import Call
from trunkline.upstream.limits import bind


def admit(desk: Desk, call: Call) -> None:
    """Finds the end user, the model and the limits of a call. Raises `NotAllowed` for what is not granted, and
    `InvalidRequest` where an end user must be named and is not."""
    if call.snapshot.require_user and not call.user and call.operation not in FREE:
        member = "metadata.user_id" if call.wire == "anthropic" else "user"
        raise InvalidRequest(
            "The request does not say for which end user it is, and this gateway asks for that (`enforce_user_param`).",
            param=member,
            remedy=f"Send `{member}`, or the header `x-litellm-end-user-id`.",
        )
    grant = call.caller.grant
    limits = grant.limits if grant is not None else ()
    if call.user and not call.caller.alone and (end := desk.roster.ring.end(call.user)) is not None:
        if end.blocked:
            raise NotAllowed(
                f"The end user {end.name!r} is blocked.", remedy="Ask whoever runs this gateway.", code="user_blocked"
            )
        call.end = end
        call.asked = call.asked or end.model
        limits += end.limits
    if grant is not None:
        call.asked = _granted(call, grant)
    bind(call, desk.engine, limits)


def _granted(call: Call, grant: Grant) -> str:
    """What the key's aliases make of what was asked. Raises `NotAllowed` where the key may not use it, or one of the
    fallbacks that the request itself names."""
    asked = call.asked or call.snapshot.default_model
    if not asked:
        return ""
    meant = grant.aliases.get(asked, asked)
    if grant.models or grant.fences:
        if asked not in grant.aliases:
            check_model(grant, *_names(call.snapshot, asked))
        for name in _wished(call):
            check_model(grant, *_names(call.snapshot, name))
    return meant


def _names(snapshot: Snapshot, asked: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a model goes by, as it is asked for and as the group that it means here; and its access groups."""
    try:
        group, found = resolve(snapshot, asked)
    except UnknownModel:
        return (asked,), ()
    # A group such as `*` is no name: whoever may ask for `claude-*` may not ask for all of it.
    return (asked,) if "*" in group else (asked, group), access_of(found)


def _wished(call: Call) -> Iterator[str]:
    wishes = call.wishes
    for chains in (wishes.fallbacks, wishes.window, wishes.policy):
        for chain in (chains or {}).values():
            yield from chain
