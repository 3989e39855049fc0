"""How much a model is asked to reason, in this wire's member."""

from __future__ import annotations

from trunkline.model.conversation import Conversation, Effort, Thought
from trunkline.model.dialect import Dialect, clamped


def asked(thought: Thought) -> Effort:
    """The effort that a client asks for; empty: it leaves that to the model.

    A budget of thinking tokens becomes `low` under 4,000, `medium` under 16,000, else `high`.
    """
    if thought.mode in ("off", "between_tools"):
        return "none"
    if thought.effort:
        return thought.effort
    if thought.mode != "on" or thought.budget is None or thought.budget < 0:
        return ""
    if thought.budget == 0:
        return "none"
    return "low" if thought.budget < 4000 else "medium" if thought.budget < 16000 else "high"


def reasoning(conversation: Conversation, dialect: Dialect) -> dict[str, object]:
    """The member `reasoning`; empty when nothing was said about thinking.

    A client of another wire that wants thinking wants to read it, unless it says otherwise.
    """
    thought = conversation.thought
    effort = asked(thought)
    if effort == "none" and dialect.always_thinks and dialect.efforts is None:
        effort = "low"
    if not effort and thought.mode == "on" and "none" in (dialect.efforts or ()):
        # Such models do not think unless they are told to (developers.openai.com, reasoning, 2026-11).
        effort = "medium"
    taken = clamped(effort, dialect.efforts)
    made: dict[str, object] = {"effort": taken} if taken else {}
    wanted = conversation.wire != "openai_responses" and thought.shown is not False
    if thought.summary in ("auto", "concise", "detailed"):
        made["summary"] = thought.summary
    elif wanted and effort != "none" and (thought.mode or effort):
        made["summary"] = "auto"
    return made
