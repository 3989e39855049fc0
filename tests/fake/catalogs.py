"""Lists of models as Anthropic, OpenAI and Google show them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fake.openai_chat import CREATED
from tests.fake.wire import Json

MODELS = ("claude-sonnet-5-5", "claude-haiku-4-5", "gpt-5.6-sol", "glm-5.3", "glm-4.6", "qwen3:8b", "gemini-3.8-flash")


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


def gemini(models: Sequence[str], one: str = "") -> Json:
    """All models, or the one that is named."""
    listed = [_gemini_one(name) for name in ([one] if one else models)]
    return listed[0] if one else {"models": listed}


def _gemini_one(model: str) -> Json:
    return {
        "name": f"models/{model}",
        "version": "001",
        "displayName": model.replace("-", " ").title(),
        "inputTokenLimit": 1048576,
        "outputTokenLimit": 65536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "thinking": True,
    }
