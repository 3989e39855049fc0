"""Lists of models as Anthropic and OpenAI show them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fake.openai_chat import CREATED
from tests.fake.wire import Json

MODELS = ("claude-sonnet-5-5", "claude-haiku-4-5", "gpt-5.6-sol", "glm-5.3", "glm-4.6", "qwen3:8b")


def anthropic(models: Sequence[str]) -> Json:
    data = [
        {
            "type": "model",
            "id": one,
            "display_name": one.replace("-", " ").title(),
            "lifecycle": "active",
            "created_at": "2026-09-28T00:00:00Z",
            "max_input_tokens": 200000,
            "max_tokens": 64000,
        }
        for one in models
    ]
    return {"data": data, "has_more": False, "first_id": models[0], "last_id": models[-1]}


def openai(models: Sequence[str], owner: str = "fake") -> Json:
    return {"object": "list", "data": [openai_one(one, owner) for one in models]}


def openai_one(model: str, owner: str = "fake") -> Json:
    return {"id": model, "object": "model", "created": CREATED, "owned_by": owner}
