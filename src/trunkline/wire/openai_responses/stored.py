"""Members of a request that mean something only where the vendor keeps earlier answers: they cannot go elsewhere."""

from __future__ import annotations

from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect
from trunkline.wire import loss

_KEPT = ("previous_response_id", "conversation", "prompt", "background")


def refuse(conversation: Conversation, dialect: Dialect) -> list[str]:
    """For a Responses request on its way to another wire: names of what is left behind.

    Raises `InvalidRequest` unless `drop_params` is on: the model would not know what was said before, or the client
    would wait for an answer that nobody keeps.
    """
    if conversation.wire != "openai_responses":
        return []
    names = [name for name in _KEPT if conversation.own.get(name) not in (None, False)]
    return loss.refuse_or_lose(dialect, names, "this model's provider keeps no earlier answers and no templates.")
