"""What is known of a call beside its answer, put where LiteLLM has it: `_hidden_params` and `_response_headers`."""

from __future__ import annotations

import time
from typing import Any

from trunkline.model.usage import NANO
from trunkline.sdk.perform import Doing
from trunkline.sdk.setup import GATEWAY


def fill(answer: Any, doing: Doing) -> None:
    """Tells an answer what became known: its cost in dollars (None where no price is known), who gave it."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in doing.channel.headers}
    records = doing.notes.records
    candidate = records[-1].candidate if records else None
    answer._response_headers = headers
    answer._response_ms = (time.time() - doing.began) * 1000
    answer._hidden_params.update(
        {
            "response_cost": cost(doing),
            "litellm_call_id": doing.id,
            "model_id": headers.get("x-litellm-model-id"),
            "api_base": headers.get("x-litellm-model-api-base"),
            "custom_llm_provider": _provider(candidate.deployment.provider.name) if candidate is not None else None,
            "litellm_model_name": candidate.model if candidate is not None else doing.asked.model,
            "cache_hit": headers.get("x-trunkline-cache") in ("hit", "joined") or None,
            "route": headers.get("x-trunkline-route"),
            "lost": [name for name in headers.get("x-trunkline-lost", "").split(",") if name],
            "additional_headers": {
                f"llm_provider-{name}": value
                for name, value in headers.items()
                if not name.startswith(("x-litellm-", "x-trunkline-"))
            },
        }
    )


def cost(doing: Doing) -> float | None:
    """Dollars; None where nobody knows."""
    if doing.notes.cost:
        return float(doing.notes.cost)
    records = doing.notes.records
    if not records:
        return 0.0 if any(name == b"x-litellm-cache-key" for name, _ in doing.channel.headers) else None
    if not all(each.priced for each in records):
        return None
    return sum(each.billed for each in records) / NANO


def _provider(name: str) -> str:
    return "litellm_proxy" if name == GATEWAY else name
