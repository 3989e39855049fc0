"""What cannot be carried to another wire: by which name it is reported, and what is not worth a word."""

from __future__ import annotations

from collections.abc import Iterable

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire

SILENT = frozenset(
    {
        "anthropic_beta",
        "anthropic_version",
        "array",
        "background",
        "cache_control",
        "client_metadata",
        "context_management",
        "diagnostics",
        "include",
        "inference_geo",
        "keep_alive",
        "labels",
        "metadata",
        "obfuscation",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "serviceTier",
        "service_tier",
        "speed",
        "store",
        "stream_options",
        "truncation",
        "user",
    }
)
"""Members whose loss changes no answer: they are dropped without a word."""


def own(conversation: Conversation, target: Wire) -> list[str]:
    """Names of members that only the client's wire understands. A reader's own notes begin with an underscore."""
    if conversation.wire == target:
        return []
    return [name for name in conversation.own if name not in SILENT and not name.startswith("_")]


def refuse_or_lose(dialect: Dialect, names: Iterable[str], why: str) -> list[str]:
    """Members without which the answer would be another one: refused, unless `drop_params` says to go on without."""
    names = list(names)
    if names and not dialect.drop:
        raise InvalidRequest(
            f"{', '.join(names)}: {why}",
            param=names[0],
            remedy="Leave it out, or set `drop_params: true` to have it dropped.",
        )
    return names
