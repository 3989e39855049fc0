"""Why an answer ended, in Gemini's words and in ours.

Source: ai.google.dev/api/generate-content#FinishReason (2026-11).
"""

from __future__ import annotations

from trunkline.errors import ProviderGarbage
from trunkline.model.events import StopReason

_REASONS: dict[str, StopReason] = {
    "STOP": "end",
    "MAX_TOKENS": "limit",
    "CONTINUATION": "pause",
    "SAFETY": "refusal",
    "RECITATION": "refusal",
    "LANGUAGE": "refusal",
    "BLOCKLIST": "refusal",
    "PROHIBITED_CONTENT": "refusal",
    "SPII": "refusal",
    "MODEL_ARMOR": "refusal",
    "IMAGE_SAFETY": "refusal",
    "IMAGE_PROHIBITED_CONTENT": "refusal",
    "IMAGE_RECITATION": "refusal",
}

_BROKEN = {
    "MALFORMED_FUNCTION_CALL": "the model wrote a tool call that cannot be read",
    "MALFORMED_RESPONSE": "the model wrote an answer that cannot be read",
    "UNEXPECTED_TOOL_CALL": "the model called a tool though none was offered",
    "TOO_MANY_TOOL_CALLS": "the model called too many tools in a row",
    "MISSING_THOUGHT_SIGNATURE": "a call in the history has no thought signature",
}

_WORDS: dict[StopReason, str] = {"limit": "MAX_TOKENS", "window": "MAX_TOKENS", "refusal": "SAFETY"}


def reason(told: str, message: str = "") -> StopReason:
    """Our word for a `finishReason`. Raises `ProviderGarbage` for an end that is none: the answer is not whole."""
    found = _REASONS.get(told)
    if found is None:
        why = message or _BROKEN.get(told, "")
        raise ProviderGarbage(
            f"The provider ended the answer with {told[:60]}{f': {why[:300]}' if why else ''}.",
            remedy="Send the request again.",
        )
    return found


def word(told: StopReason) -> str:
    """Gemini's word for ours. A tool call ends with STOP there, as everything does that went well."""
    return _WORDS.get(told, "STOP")
