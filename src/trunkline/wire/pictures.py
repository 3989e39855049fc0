"""What a model shows and a client's format has no place for: a few words stand for it, that no answer looks empty."""

from __future__ import annotations

from trunkline.model.events import BlockStop, Event, Other, TextDelta, TextStart

_ITEMS = {"image_generation_call": "image"}
"""An item of Responses → what it shows."""


def told(other: Other) -> list[Event]:
    """The words, as a block; none where nothing was shown."""
    what = _shown(other)
    if not what:
        return []
    return [TextStart(), TextDelta(f"[{what} omitted: this format has no place for it]"), BlockStop()]


def _shown(other: Other) -> str:
    if other.wire == "openai_responses":
        kind = str(other.raw.get("type"))
        return _ITEMS.get(kind, "") if other.raw.get("result") else ""
    if other.wire != "gemini":
        return ""
    data = other.raw.get("inlineData") or other.raw.get("fileData")
    family = str(data.get("mimeType") or "").partition("/")[0] if isinstance(data, dict) else ""
    return family if family in ("image", "audio", "video") else "file" if data else ""
