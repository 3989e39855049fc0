"""What a request says of itself: its end user, its session, its tags; in headers, and in members of its body.

LiteLLM's clients say it in `metadata`, `litellm_metadata`, `tags`, `litellm_session_id` and `litellm_trace_id`. These
are read and not sent on: no provider knows them. `metadata` is LiteLLM's at `/chat/completions`, `/completions` and
`/embeddings` where something in it is no string, which OpenAI's never has; else it is the provider's, and passes. A
request that asks for LiteLLM's `guardrails` is refused: nothing here would guard it.
Source: litellm/proxy/litellm_pre_call_utils.py and auth/auth_utils.py (1.110.2), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from trunkline.errors import InvalidRequest
from trunkline.model.wires import Operation
from trunkline.serve.request import Request
from trunkline.wire.body import Body
from trunkline.wire.form import Form

_SESSION_HEADERS = (
    *(b"x-litellm-session-id", b"x-litellm-trace-id", b"x-claude-code-session-id"),
    *(b"session-id", b"session_id", b"x-session-id", b"x-session-affinity"),
)
_USER_HEADERS = (b"x-litellm-customer-id", b"x-litellm-end-user-id")
_GUARDS = "guardrails"
_LITELLMS = frozenset({"litellm_metadata", "litellm_session_id", "litellm_trace_id", "tags", _GUARDS})
_ANY = _LITELLMS | {"metadata"}
_MIXED: frozenset[Operation] = frozenset({"chat", "completions", "embeddings"})
"""Where LiteLLM takes `metadata` for its own."""

_MOST_TAGS = 32


@dataclass(frozen=True, slots=True)
class About:
    """Each is empty where the request does not say. `members` are those that no provider is sent."""

    user: str = ""
    session: str = ""
    tags: tuple[str, ...] = ()
    members: frozenset[str] = frozenset()


def about(request: Request, body: Body | Form, operation: Operation, own: tuple[str, ...] = ()) -> About:
    """Reads it; `own` are tags that the caller's key brings.

    Raises `InvalidRequest` for tags that are none, and for guardrails unless the start was told to ignore those.
    """
    user, session, tags = _user(request, body), session_of(request), tags_of(request, own)
    known = _ANY if operation in _MIXED else _LITELLMS
    if isinstance(body, Form) or operation == "other" or not (named := known & body.members.keys()):
        return About(user, session, tags)
    said = {name: body.get(name) for name in named}
    drop = named & _LITELLMS if isinstance(said.get("tags") or [], list) else named & _LITELLMS - {"tags"}
    places = [_mapping(said.get("litellm_metadata"))]
    if operation in _MIXED:
        places.append(_mapping(said.get("metadata")))
        if any(not isinstance(value, str) for value in places[1].values()):
            drop |= {"metadata"}
    if any(place.get(_GUARDS) for place in (said, *places)) and _GUARDS not in request.snapshot.ignored:
        raise InvalidRequest(
            "The request asks for guardrails, and this gateway has none.",
            param=_GUARDS,
            remedy="Leave `guardrails` out, or start the gateway with `--ignore guardrails` to do without them.",
        )
    ids = [said.get("litellm_session_id"), *(place.get("session_id") for place in places), said.get("litellm_trace_id")]
    return About(
        user or _text(place.get(name) for place in places for name in ("user", "user_id"))[:256],
        session or _text(ids)[:128],
        tuple(dict.fromkeys((*tags, *_listed(said.get("tags"), *(place.get("tags") for place in places))))),
        drop,
    )


def session_of(request: Request) -> str:
    """Which session a header says that the request belongs to; empty when none does."""
    table = request.table
    for name in _SESSION_HEADERS:
        if name in table:
            return table[name].decode("latin-1")[:128]
    return ""


def tags_of(request: Request, own: tuple[str, ...] = ()) -> tuple[str, ...]:
    """`x-litellm-tags`: a comma list, as LiteLLM has it; after the key's `own`."""
    return tuple(dict.fromkeys((*own, *_tags(request)))) if own else _tags(request)


def _tags(request: Request) -> tuple[str, ...]:
    value = request.header(b"x-litellm-tags")
    if not value:
        return ()
    if value.startswith("["):
        try:
            return tuple(msgspec.json.decode(value, type=list[str]))[:_MOST_TAGS]
        except msgspec.DecodeError:
            raise InvalidRequest("x-litellm-tags is no list.", remedy="Send tags separated by commas.") from None
    return tuple(tag.strip()[:64] for tag in value.split(",") if tag.strip())[:_MOST_TAGS]


def _user(request: Request, body: Body | Form) -> str:
    """Whom the caller names as the end user: LiteLLM's headers, `user`, or Anthropic's `metadata.user_id`."""
    for header in _USER_HEADERS:
        if header in request.table:
            return request.header(header)[:256]
    if isinstance(body, Form):
        return body.text("user") or ""
    name: Any = body.get("user") if "user" in body.members else None
    if name is None and "metadata" in body.members:
        metadata = body.get("metadata")
        name = metadata.get("user_id") if isinstance(metadata, dict) else None
    return name[:256] if isinstance(name, str) else ""


def _text(found: Iterable[Any]) -> str:
    return next((each for each in found if isinstance(each, str) and each), "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(*lists: Any) -> list[str]:
    tags = [tag for each in lists if isinstance(each, list) for tag in each if isinstance(tag, str)]
    return [tag[:64] for tag in tags if tag][:_MOST_TAGS]
