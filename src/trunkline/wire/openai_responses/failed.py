"""An error that came inside an answer, as the failure that it is."""

from __future__ import annotations

import msgspec

from trunkline.errors import ProviderRefused, RefusedAnswer
from trunkline.wire.openai_chat.error import status_of


def refused(code: str, message: str) -> ProviderRefused:
    """The failure. The event is no error body: before the commit point the client is given one, in OpenAI's shape."""
    said = message or "no message"
    body = msgspec.json.encode(
        {"error": {"message": said, "type": code or "server_error", "param": None, "code": code or None}}
    )
    return ProviderRefused(
        f"The provider ended the stream with an error: {said}",
        answer=RefusedAnswer(status_of(code), (("content-type", "application/json"),), body),
        code=code or None,
    )
