"""Responses that OpenAI keeps, each for the key that had it made. Source: platform.openai.com/docs/api-reference/responses
and the Python SDK 3.52.0 (2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fake.wire import Json, Refused


def _items(given: Any) -> list[Json]:
    return [{"type": "message", "role": "user", "content": given}] if isinstance(given, str) else list(given or [])


@dataclass(slots=True)
class Kept:
    """(key, id) → the response and the items that led to it, those of earlier responses among them."""

    responses: dict[tuple[str, str], Json] = field(default_factory=dict)
    inputs: dict[tuple[str, str], list[Json]] = field(default_factory=dict)

    def add(self, key: str, body: Json, response: Json) -> None:
        """Keep a response; `body` is the request, continued."""
        if body.get("store") is not False:
            self.responses[key, response["id"]] = response
            self.inputs[key, response["id"]] = _items(body.get("input"))

    def continued(self, key: str, body: Json) -> Json:
        """The request with what was said before in front of its input."""
        name = body.get("previous_response_id")
        if name is None:
            return body
        if (key, name) not in self.responses:
            message = f"Previous response with id '{name}' not found."
            raise Refused(400, message, code="previous_response_not_found")
        before = [*self.inputs[key, name], *self.responses[key, name]["output"]]
        return {**body, "input": [*before, *_items(body.get("input"))]}

    def ask(self, key: str, method: str, name: str, rest: str) -> Json:
        """Read, delete or cancel one."""
        if (key, name) not in self.responses:
            raise Refused(404, f"Response with id '{name}' not found.", code="not_found")
        if (method, rest) == ("GET", ""):
            return self.responses[key, name]
        if (method, rest) == ("DELETE", ""):
            del self.responses[key, name]
            return {"id": name, "object": "response", "deleted": True}
        if (method, rest) == ("GET", "input_items"):
            data = [{"id": f"msg_in{at}", **item} for at, item in enumerate(self.inputs[key, name])]
            for item in data:
                if isinstance(item.get("content"), str):
                    item["content"] = [{"type": "input_text", "text": item["content"]}]
            ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]}
            return {"object": "list", "data": data[::-1], **ends, "has_more": False}
        if (method, rest) == ("POST", "cancel"):
            raise Refused(400, "Cannot cancel a synchronous response.")
        raise Refused(405, "Method not allowed")
