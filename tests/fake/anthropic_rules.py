"""What Anthropic refuses, as far as a gateway could get it wrong. Source: docs.claude.com (2026-11) and its Python SDK.

Clones (Z.AI, Ollama) are lenient: of these rules only the presence of model and messages is theirs.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

from tests.fake.wire import Json, Refused

_KNOWN = frozenset(
    [
        *("model", "messages", "max_tokens", "system", "stop_sequences", "temperature", "top_p", "top_k", "tools"),
        *("tool_choice", "thinking", "output_config", "metadata", "service_tier", "speed", "inference_geo"),
        *("cache_control", "container", "diagnostics", "stream", "user_profile_id", "workspace_id"),
    ]
)
_BETA_FIELDS = {"context_management": ("context-management-", "compact-"), "mcp_servers": ("mcp-client-",)}
_SAMPLING = ("temperature", "top_p", "top_k")
_OLD_ENOUGH_TO_SAMPLE = re.compile(
    r"claude-(3|(opus|sonnet|haiku)-4(-[0156])?(-20\d+)?$|(opus|sonnet|haiku)-4-[0156]\b)"
)
_NO_BUDGET = re.compile(r"claude-(fable|mythos|opus-5|sonnet-5|haiku-5|opus-4-[78])")
_NO_FORCE = re.compile(r"claude-(fable|mythos|opus-5-5|sonnet-5-5)")
_ALWAYS_THINKS = re.compile(r"claude-(fable|mythos|opus-5-5|sonnet-5-5)")
_NO_PREFILL = re.compile(r"claude-(fable|mythos|opus-5|sonnet-5|haiku-5|(opus|sonnet)-4-[678])")
_MID_SYSTEM = re.compile(r"claude-(fable|mythos|opus-5|sonnet-5|haiku-5|opus-4-8)")
_ID = re.compile(r"^[a-zA-Z0-9_-]+$")
_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")


def check(body: Json, headers: Mapping[str, str], *, lenient: bool) -> None:
    for name in ("model", "messages", "max_tokens"):
        if name not in body and not (lenient and name == "max_tokens"):
            if name == "max_tokens" and "count_tokens" in headers.get(":path", ""):
                continue
            raise Refused(400, f"{name}: Field required")
    if lenient:
        return
    _check_fields(body, headers)
    _check_sampling(body, headers.get("anthropic-version", ""))
    for nth, tool in enumerate(body.get("tools") or []):
        if not _NAME.match(str(tool.get("name", ""))):
            raise Refused(400, f"tools.{nth}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if tool.get("type") in (None, "custom") and (tool.get("input_schema") or {}).get("type") != "object":
            raise Refused(400, f"tools.{nth}.custom.input_schema.type: Field required")
    budget = (body.get("thinking") or {}).get("budget_tokens")
    if budget is not None and budget >= body.get("max_tokens", budget + 1):
        raise Refused(400, "`max_tokens` must be greater than `thinking.budget_tokens`.")
    _check_abilities(body)
    _check_messages(body["messages"])


def _check_abilities(body: Json) -> None:
    """What a model of this name cannot do; names that are no model of the vendor's are taken as able."""
    model = str(body["model"])
    kind = (body.get("thinking") or {}).get("type")
    if kind == "enabled" and _NO_BUDGET.match(model):
        raise Refused(400, '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive".')
    if kind == "disabled" and _ALWAYS_THINKS.match(model):
        raise Refused(400, '"thinking.type.disabled" is not supported for this model.')
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        if _NO_FORCE.match(model):
            raise Refused(400, "tool_choice: forced tool use is not supported for this model.")
        if kind in ("enabled", "adaptive"):
            raise Refused(400, "Thinking may not be enabled when tool_choice forces tool use.")
    messages = body["messages"]
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        return
    if messages and messages[-1].get("role") == "assistant" and _NO_PREFILL.match(model):
        raise Refused(
            400,
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        )
    if (
        any(one.get("role") == "system" for one in messages)
        and model.startswith("claude")
        and not _MID_SYSTEM.match(model)
    ):
        raise Refused(400, 'messages: Unexpected role "system". Use the top-level `system` parameter.')


def _check_fields(body: Json, headers: Mapping[str, str]) -> None:
    betas = headers.get("anthropic-beta", "")
    for name in body:
        if name in _KNOWN or name in ("fallbacks", "compaction", "thread"):
            continue
        if any(beta in betas for beta in _BETA_FIELDS.get(name, ())):
            continue
        raise Refused(400, f"{name}: Extra inputs are not permitted")


def _check_sampling(body: Json, version: str) -> None:
    for name in _SAMPLING:
        if name not in body:
            continue
        if version >= "2026-10-21":
            raise Refused(400, f"{name}: Extra inputs are not permitted")
        if not _OLD_ENOUGH_TO_SAMPLE.match(str(body["model"])) and body[name] != 1:
            raise Refused(400, f"`{name}` is deprecated for this model.")
    if not 0 <= body.get("temperature", 0) <= 1:
        raise Refused(400, "temperature: range: 0..1")


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "messages: at least one message is required")
    open_calls: set[str] = set()
    for nth, message in enumerate(messages):
        role = message.get("role")
        if role not in ("user", "assistant", "system"):
            raise Refused(400, f"messages.{nth}.role: Input should be 'user' or 'assistant'")
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if not isinstance(blocks, list):
            raise Refused(400, f"messages.{nth}.content: Field required")
        results = {block.get("tool_use_id") for block in blocks if block.get("type") == "tool_result"}
        if open_calls - results and role != "system":
            missing = ", ".join(sorted(open_calls - results))
            raise Refused(
                400,
                f"messages.{nth - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{missing}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
            )
        if results - open_calls:
            raise Refused(
                400,
                f"messages.{nth}.content: unexpected `tool_use_id` found in `tool_result` blocks: "
                f"{', '.join(sorted(map(str, results - open_calls)))}.",
            )
        if role != "system":
            open_calls = set(_check_blocks(nth, blocks))
    if open_calls:
        raise Refused(
            400,
            f"messages.{len(messages) - 1}: `tool_use` ids were found without `tool_result` blocks immediately after",
        )


def _check_blocks(nth: int, blocks: list[Json]) -> Iterable[str]:
    """Check the blocks of one message and yield the ids of the calls in it."""
    for at, block in enumerate(blocks):
        where = f"messages.{nth}.content.{at}"
        kind = block.get("type")
        if kind == "text" and not block.get("text"):
            raise Refused(400, f"{where}: text content blocks must be non-empty")
        if kind == "thinking" and not _is_ours(block.get("signature")):
            raise Refused(400, f"{where}: Invalid `signature` in `thinking` block")
        if kind == "tool_use":
            if not _ID.match(str(block.get("id", ""))):
                raise Refused(400, f"{where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
            if not isinstance(block.get("input"), dict):
                raise Refused(400, f"{where}.tool_use.input: Input should be a valid dictionary")
            yield str(block["id"])
        if kind == "image" and (block.get("source") or {}).get("type") not in ("base64", "url", "file"):
            raise Refused(400, f"{where}.image.source: Field required")


def _is_ours(signature: Any) -> bool:
    try:
        return base64.b64decode(str(signature), validate=True).startswith(b"fake-signature:")
    except ValueError:
        return False
