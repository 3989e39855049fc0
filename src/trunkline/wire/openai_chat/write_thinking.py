"""How much a model is to think, in each provider's own members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline.model.conversation import Conversation, Effort, Thinking
from trunkline.model.dialect import clamped
from trunkline.wire.openai_chat.efforts import effort_of, glm, gpt, is_off
from trunkline.wire.openai_chat.notes import Notes
from trunkline.wire.openai_chat.ways import Thinks, Way

Json = dict[str, Any]


class Asked:
    """What is asked of whom."""

    def __init__(self, conversation: Conversation, notes: Notes) -> None:
        self.conversation = conversation
        self.notes = notes
        self.model = notes.dialect.model.lower()
        self.effort: Effort = effort_of(conversation.thought)
        self.off = is_off(conversation.thought)
        self.said = bool(conversation.thought.mode or conversation.thought.effort or conversation.thought.budget)
        self.always = notes.dialect.always_thinks is True
        self.reasons = notes.dialect.reasoning
        self.taken = notes.dialect.efforts

    def lose(self) -> None:
        """It cannot be said there. Not thinking where nobody thinks is no loss."""
        if not self.off:
            self.notes.lose("thinking")


def think(conversation: Conversation, notes: Notes, way: Way, body: Json) -> None:
    """Puts into `body` what the client says of thinking, if it says anything."""
    asked = Asked(conversation, notes)
    if asked.reasons is False:
        if asked.said:
            asked.lose()
        return
    if asked.said or way.zai or way.thinks == "openai":
        _WRITERS[way.thinks](asked, body)


def _nothing(asked: Asked, body: Json) -> None:
    asked.lose()


def _openai(asked: Asked, body: Json) -> None:
    """GPT-5.4 and later refuse functions together with reasoning here (they are for Responses), so it is turned off."""
    if "tools" in body and (gpt(asked.model) or (0, 0)) >= (5, 4) and "none" in (asked.taken or ("none",)):
        if asked.effort not in ("", "none"):
            asked.notes.lose("thinking")
        body["reasoning_effort"] = "none"
        return
    if not asked.effort and asked.conversation.thought.mode == "on" and "none" in (asked.taken or ()):
        # Such models do not think unless they are told to (developers.openai.com, reasoning, 2026-11).
        asked.effort = "medium"
    if not asked.effort or not (asked.reasons or asked.taken):
        if asked.effort:
            asked.lose()
        return
    body["reasoning_effort"] = clamped(asked.effort, asked.taken)


def _levels(asked: Asked, body: Json) -> None:
    """`reasoning_effort`, where the model is known to reason: many servers refuse members that they do not know."""
    if not asked.reasons:
        asked.lose()
    elif asked.effort:
        body["reasoning_effort"] = clamped(asked.effort, _USUAL if asked.taken is None else asked.taken)


_USUAL: tuple[Effort, ...] = ("none", "low", "medium", "high")
"""What a server knows of which nothing is known."""


def _groq(asked: Asked, body: Json) -> None:
    if "gpt-oss" in asked.model:
        if asked.effort:
            body["reasoning_effort"] = clamped(asked.effort, asked.taken)
    elif "qwen" in asked.model:
        body["reasoning_effort"] = "none" if asked.off else "default"
    else:
        asked.lose()


def _mistral(asked: Asked, body: Json) -> None:
    """Its adjustable models know `high` and `none`; Magistral always thinks."""
    if "magistral" in asked.model:
        return
    if not asked.reasons:
        asked.lose()
    elif asked.said:
        body["reasoning_effort"] = "none" if asked.off or asked.effort in ("minimal", "low") else "high"


def _deepseek(asked: Asked, body: Json) -> None:
    body["thinking"] = {"type": "disabled" if asked.off else "enabled"}
    if asked.effort and not asked.off:
        body["reasoning_effort"] = _DEEPSEEK[asked.effort]


_DEEPSEEK: dict[Effort, str] = {
    "minimal": "low",
    "low": "low",
    "medium": "high",
    "high": "high",
    "xhigh": "high",
    "max": "max",
}


def _moonshot(asked: Asked, body: Json) -> None:
    """`kimi-k2-thinking` always thinks and takes no switch; models before K2.5 have none."""
    if asked.always or "thinking" in asked.model or not asked.reasons:
        asked.lose()
    else:
        body["thinking"] = {"type": "disabled" if asked.off else "enabled"}


def _openrouter(asked: Asked, body: Json) -> None:
    budget = asked.conversation.thought.budget
    if asked.off:
        body["reasoning"] = {"enabled": False}
    elif budget is not None and not asked.conversation.thought.effort:
        body["reasoning"] = {"max_tokens": budget}
    elif asked.effort:
        body["reasoning"] = {"effort": "xhigh" if asked.effort == "max" else asked.effort}
    else:
        body["reasoning"] = {"enabled": True}


def _zai(asked: Asked, body: Json) -> None:
    """`clear_thinking: false` keeps what was thought in earlier turns, which is sent back for that.

    What takes no `none` cannot be kept from thinking; what takes no effort can only be switched on and off, and models
    before 4.5 not even that.
    """
    known = glm(asked.model)
    if known is None or known < (4, 5):
        if asked.said:
            asked.lose()
        return
    replayed = any(isinstance(part, Thinking) for turn in asked.conversation.turns for part in turn.parts)
    if not (asked.said or replayed):
        return
    taken = asked.taken or ()
    always = asked.always or (bool(taken) and "none" not in taken)
    off = asked.off or ("none" in taken and asked.effort == "minimal")
    body["thinking"] = {"type": "disabled" if off and not always else "enabled", "clear_thinking": False}
    if taken and asked.effort and (always or not off):
        body["reasoning_effort"] = clamped(_RAISED.get(asked.effort, asked.effort), taken)


_RAISED: dict[Effort, Effort] = {"medium": "high", "xhigh": "max"}

_WRITERS: dict[Thinks, Callable[[Asked, Json], None]] = {
    "": _nothing,
    "openai": _openai,
    "levels": _levels,
    "groq": _groq,
    "mistral": _mistral,
    "deepseek": _deepseek,
    "moonshot": _moonshot,
    "openrouter": _openrouter,
    "zai": _zai,
}
