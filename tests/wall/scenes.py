"""What the wall's tests ask for: each wire with its path, model, body and error shape, and the common configuration."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fake import GOOD_KEY
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import until

KEY = {"authorization": f"Bearer {MASTER_KEY}", "content-type": "application/json"}
DIRECT = {
    "authorization": f"Bearer {GOOD_KEY}",
    "anthropic-version": "2023-06-01",
    "content-type": "application/json",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One wire and operation. `asked` is the gateway's name of the model, `told` the provider's."""

    name: str
    path: str
    upstream: str
    asked: str
    told: str
    shape: str

    def body(self, text: str, *, stream: bool = False, **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = {"model": self.asked, "stream": stream}
        match self.name:
            case "messages":
                made |= {"max_tokens": 1000, "messages": [{"role": "user", "content": text}]}
            case "chat" | "ollama_chat" | "zai_chat":
                made |= {"messages": [{"role": "user", "content": text}]}
            case "zai_messages":
                made |= {"max_tokens": 1000, "messages": [{"role": "user", "content": text}]}
            case "responses":
                made |= {"input": text}
            case _:
                made |= {"prompt": text}
        return {**made, **more}

    def is_error(self, body: Any) -> bool:
        """Whether a decoded body is an error as this wire words them."""
        if not isinstance(body, dict):
            return False
        error = body.get("error")
        if self.shape == "ollama":
            return isinstance(error, str) and bool(error)
        if not isinstance(error, dict) or not error.get("message") or not error.get("type"):
            return False
        return self.shape == "openai" or body.get("type") == "error"


MESSAGES = Scene("messages", "/v1/messages", "/v1/messages", "claude-wall", "claude-sonnet-5-5", "anthropic")
CHAT = Scene("chat", "/v1/chat/completions", "/v1/chat/completions", "gpt-wall", "wall-1", "openai")
COMPLETIONS = Scene("completions", "/v1/completions", "/v1/completions", "gpt-wall", "wall-1", "openai")
RESPONSES = Scene("responses", "/v1/responses", "/v1/responses", "gpt-wall", "wall-1", "openai")
OLLAMA = Scene("ollama_chat", "/api/chat", "/api/chat", "qwen-wall", "qwen3:8b", "ollama")
GENERATE = Scene("ollama_generate", "/api/generate", "/api/generate", "qwen-wall", "qwen3:8b", "ollama")
ZAI_MESSAGES = Scene("zai_messages", "/v1/messages", "/api/anthropic/v1/messages", "glm-wall", "glm-4.6", "anthropic")
ZAI_CHAT = Scene("zai_chat", "/v1/chat/completions", "/api/paas/v4/chat/completions", "glm-wall", "glm-4.6", "openai")

FOUR = (MESSAGES, CHAT, RESPONSES, OLLAMA)
SIX = (*FOUR, COMPLETIONS, GENERATE)
ALL = (*SIX, ZAI_MESSAGES, ZAI_CHAT)


def name_of(scene: object) -> str:
    """For pytest's ids."""
    return scene.name if isinstance(scene, Scene) else str(scene)


def config(fake_url: str, *, general: str = f"{{master_key: {MASTER_KEY}}}", more: str = "", rows: str = "") -> str:
    """One model of each wire at the fake provider, under names that the provider does not know; no retries."""
    key = "api_key: os.environ/FAKE_KEY"
    cost = "input_cost_per_token: 0.000001, output_cost_per_token: 0.000002"
    return f"""
model_list:
  - model_name: claude-wall
    litellm_params: {{model: anthropic/claude-sonnet-5-5, api_base: "{fake_url}", {key}}}
  - model_name: gpt-wall
    litellm_params: {{model: openai/wall-1, api_base: "{fake_url}/v1", {key}, {cost}}}
  - model_name: glm-wall
    litellm_params: {{model: zai/glm-4.6, {key}}}
  - model_name: qwen-wall
    litellm_params: {{model: "ollama_chat/qwen3:8b", api_base: "{fake_url}"}}
{rows}
general_settings: {general}
router_settings: {{num_retries: 0}}
{more}
"""


def scripted_rows(url: str) -> str:
    """Models of each wire at a provider that answers what it is told to."""
    key = "api_key: os.environ/FAKE_KEY"
    return f"""
  - model_name: claude-script
    litellm_params: {{model: anthropic/script-1, api_base: "{url}", {key}}}
  - model_name: gpt-script
    litellm_params: {{model: openai/script-1, api_base: "{url}/v1", {key}}}
  - model_name: qwen-script
    litellm_params: {{model: ollama_chat/script-1, api_base: "{url}"}}
"""


SCRIPTED = {"claude-wall": "claude-script", "gpt-wall": "gpt-script", "qwen-wall": "qwen-script"}
"""The name of the same wire's model at the scripted provider."""


def rows(gateway: Gateway, request: str, *, count: int = 1, within: float = 3) -> list[dict[str, Any]]:
    """The ledger's rows of one request, once there are `count` of them."""
    path = gateway.home / "trunkline" / "ledger.sqlite"

    def found() -> list[dict[str, Any]]:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5) as ledger:
            ledger.row_factory = sqlite3.Row
            asked = ledger.execute("SELECT * FROM attempts WHERE request = ? ORDER BY attempt", (request,))
            got = [dict(row) for row in asked]
        ledger.close()
        return got if len(got) >= count else []

    return list(until(found, within=within, what=f"for {count} rows of {request}"))


def latest(gateway: Gateway, fits: Callable[[dict[str, Any]], bool], *, within: float = 3) -> dict[str, Any]:
    """The newest row of the ledger that fits, once there is one."""
    path = gateway.home / "trunkline" / "ledger.sqlite"

    def found() -> dict[str, Any] | None:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5) as ledger:
            ledger.row_factory = sqlite3.Row
            asked = ledger.execute("SELECT * FROM attempts ORDER BY started_ms DESC LIMIT 50")
            got = [dict(row) for row in asked]
        ledger.close()
        return next((row for row in got if fits(row)), None)

    return dict(until(found, within=within, what="for a row"))
