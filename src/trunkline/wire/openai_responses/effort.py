"""How much a model may be asked to reason, and the nearest that it takes.

Data: which efforts OpenAI's families take, by name, first match counts. Sources: the reference of `reasoning.effort`
(developers.openai.com, 2026-11) and the vendor's own refusals ("Unsupported value: 'minimal' is not supported with the
'gpt-5.1' model. Supported values are: …"). A model that no row fits is asked for what the client said.
"""

from __future__ import annotations

import re

from trunkline.model.conversation import Conversation, Effort, Thought
from trunkline.model.dialect import EFFORTS, Dialect

_ROWS: tuple[tuple[str, tuple[Effort, ...]], ...] = (
    (r"o\d", ("low", "medium", "high")),
    (r"gpt-5-pro", ("high",)),
    (r"gpt-5(\.1)?-codex(?!-max)", ("low", "medium", "high")),
    (r"gpt-5(?!\.\d)", ("minimal", "low", "medium", "high")),
    (r"gpt-5\.1-codex-max", ("low", "medium", "high", "xhigh")),
    (r"gpt-5\.1", ("none", "low", "medium", "high")),
    (r"gpt-5\.\d-pro", ("medium", "high", "xhigh")),
    (r"gpt-5\.[23]-codex", ("low", "medium", "high", "xhigh")),
    (r"gpt-5\.[2-5]", ("none", "low", "medium", "high", "xhigh")),
    (r"gpt-5\.\d", ("none", "low", "medium", "high", "xhigh", "max")),
    (r"gpt-6-astra|gpt-6\.1-sol", ("low", "medium", "high", "xhigh", "max")),
)


def taken(dialect: Dialect) -> tuple[Effort, ...]:
    """The efforts that a model takes, least first; empty when that is not known."""
    name = dialect.model.lower().rpartition("/")[2]
    efforts = next((efforts for pattern, efforts in _ROWS if re.match(pattern, name)), ())
    if dialect.always_thinks:
        efforts = tuple(effort for effort in efforts or EFFORTS[2:] if effort != "none")
    return efforts


def clamp(asked: Effort, efforts: tuple[Effort, ...]) -> Effort:
    """The effort that is asked for, else the nearest one, less rather than more; for `none` the least there is."""
    if not efforts or asked in efforts:
        return asked
    place = EFFORTS.index(asked)
    lower = [effort for effort in efforts if EFFORTS.index(effort) < place and effort != "none"]
    return lower[-1] if lower else next(effort for effort in efforts if effort != "none")


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
    made: dict[str, object] = {"effort": clamp(effort, taken(dialect))} if effort else {}
    wanted = conversation.wire != "openai_responses" and thought.shown is not False
    if thought.summary in ("auto", "concise", "detailed"):
        made["summary"] = thought.summary
    elif wanted and effort != "none" and (thought.mode or effort):
        made["summary"] = "auto"
    return made
