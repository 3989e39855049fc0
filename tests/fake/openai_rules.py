"""What OpenAI and Z.AI refuse on their OpenAI-style routes, and their error tables.

Sources: platform.openai.com and docs.z.ai's error codes (2026-11).
"""

from __future__ import annotations

import re
from typing import Any

from tests.fake.wire import Json, Refused

ERROR_TYPES: dict[int, tuple[str, str | None]] = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    403: ("permission_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    409: ("conflict_error", None),
    413: ("invalid_request_error", "request_too_large"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    502: ("server_error", None),
    503: ("server_error", "slow_down"),
    529: ("server_error", "server_is_overloaded"),
}
ZAI_CODES = {
    400: "1214",
    401: "1000",
    402: "1113",
    403: "1220",
    404: "1211",
    429: "1302",
    500: "500",
    503: "1305",
    529: "1305",
}
ZAI_STATUS = {
    "1000": 401,
    "1001": 401,
    "1002": 401,
    "1113": 429,
    "1210": 400,
    "1211": 400,
    "1214": 400,
    "1234": 500,
    "1261": 400,
    "1301": 400,
    "1302": 429,
    "1303": 429,
    "1305": 429,
    "1308": 429,
    "1309": 429,
    "1310": 429,
    "1311": 429,
    "1313": 429,
}
_REASONS = re.compile(r"^(gpt-(5|6)|o\d)")


_COUNTED = frozenset(
    [
        *("conversation", "input", "instructions", "model", "parallel_tool_calls", "personality"),
        *("previous_response_id", "reasoning", "text", "tool_choice", "tools", "truncation"),
    ]
)
"""What `/v1/responses/input_tokens` takes (`InputTokenCountParams`, SDK 3.52.0)."""


def check_count(body: Json) -> None:
    for name in body:
        if name not in _COUNTED:
            raise Refused(400, f"Unknown parameter: '{name}'.", code="unknown_parameter")


def check_chat(body: Json, dialect: str) -> None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "Missing required parameter: 'messages'.", code="missing_required_parameter")
    if dialect == "zai":
        _check_zai(body, messages)
    elif dialect != "ollama":
        _check_openai(body, messages)


def _check_openai(body: Json, messages: list[Json]) -> None:
    reasons = bool(_REASONS.match(str(body.get("model"))))
    if reasons and "max_tokens" in body:
        raise Refused(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
            "instead.",
            code="unsupported_parameter",
        )
    if reasons and body.get("temperature", 1) != 1 and body.get("reasoning_effort") != "none":
        raise Refused(
            400,
            "Unsupported value: 'temperature' does not support that value with this model. Only the default (1) "
            "value is supported.",
            code="unsupported_value",
        )
    if "stream_options" in body and not body.get("stream"):
        raise Refused(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
    open_calls: set[str] = set()
    for nth, message in enumerate(messages):
        role = message.get("role")
        if role not in ("developer", "system", "user", "assistant", "tool", "function"):
            raise Refused(
                400,
                f"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', "
                "'tool', and 'developer'.",
                code="invalid_value",
            )
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                raise Refused(
                    400,
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
                    "with 'tool_calls'.",
                )
            open_calls.discard(message["tool_call_id"])
            continue
        if open_calls:
            raise _unanswered(open_calls)
        if role == "user" and not isinstance(message.get("content"), str | list):
            raise Refused(400, f"Invalid value for 'content': expected a string, got null. (messages[{nth}])")
        open_calls = {_checked_call(call) for call in message.get("tool_calls") or []}
    if open_calls:
        raise _unanswered(open_calls)


def _unanswered(calls: set[str]) -> Refused:
    return Refused(
        400,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(sorted(calls))}",
    )


def _checked_call(call: Json) -> str:
    arguments: Any = (call.get("function") or {}).get("arguments", "{}")
    if not isinstance(arguments, str):
        raise Refused(
            400, "Invalid type for 'tool_calls[0].function.arguments': expected a string, but got an object instead."
        )
    if len(str(call.get("id"))) > 40:
        raise Refused(400, "Invalid 'tool_calls[0].id': string too long.", code="string_above_max_length")
    return str(call["id"])


def _check_zai(body: Json, messages: list[Json]) -> None:
    illegal = Refused(400, "The messages parameter is illegal. Please check the documentation.", code="1214")
    if not any(message.get("role") == "user" for message in messages):
        raise illegal
    for message in messages:
        if message.get("role") not in ("system", "user", "assistant", "tool"):
            raise illegal
        content = message.get("content")
        empty = content in ("", []) or (
            isinstance(content, list) and any(part.get("type") == "text" and not part.get("text") for part in content)
        )
        if empty and not message.get("tool_calls"):
            raise illegal
    if body.get("temperature", 1) > 1 or body.get("top_p", 1) > 1:
        raise Refused(400, "Invalid API parameter, please check the documentation.", code="1214")
    if str(body.get("model")).endswith("]"):
        raise Refused(400, "Unknown Model, please check the model code.", code="1211")
