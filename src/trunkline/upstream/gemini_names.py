"""The model's name inside Gemini's bodies: requests in a body repeat the one in the path, and both must agree.

Source: ai.google.dev/api/embeddings and /api/tokens (2026-11): `requests[].model` and `generateContentRequest.model`
are demanded, `models/` and the name.
"""

from __future__ import annotations

import msgspec

from trunkline.errors import InvalidRequest
from trunkline.wire.body import Body

_raws = msgspec.json.Decoder(list[msgspec.Raw])

_INNER = ("generateContentRequest", "generate_content_request")


def named(body: Body, model: str, put: dict[str, bytes]) -> None:
    """Puts the name that the provider knows wherever the client's stands."""
    members = body.members
    name = msgspec.json.encode(f"models/{model}")
    if "model" in members and bytes(members["model"]) != name:
        put["model"] = name
    for member in _INNER:
        if member in members:
            put[member] = _renamed(bytes(members[member]), name)
    if "requests" in members:
        try:
            requests = _raws.decode(members["requests"])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InvalidRequest("requests is not a list.", param="requests") from None
        put["requests"] = b"[%s]" % b",".join(_renamed(bytes(one), name) for one in requests)


def _renamed(raw: bytes, name: bytes) -> bytes:
    """A request in a request, with the name put in; what is no object stays for the provider to refuse."""
    return Body(raw).spliced({"model": name}) if raw.startswith(b"{") else raw
