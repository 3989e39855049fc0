"""The matrix as data: which clients, which providers, which features, and what is known to get lost between two.

`tools/matrix.py` writes the page from it, so nothing here needs an SDK.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from tests.conformance.matrix_talk import Losses, Talker
from tests.harness import absent


@dataclass(frozen=True, slots=True)
class Provider:
    """A column. `asked` is the gateway's name of the model, `wire` what the fake calls the format it was asked in.

    `words` are added to prompts that want thinking: a server of this format shows it only so.
    """

    name: str
    title: str
    model: str
    base: str
    wire: str
    words: str = ""

    @property
    def asked(self) -> str:
        return f"matrix-{self.name}"


PROVIDERS = (
    Provider("anthropic", "Anthropic Messages", "anthropic/claude-sonnet-5-5", "{fake}", "anthropic"),
    Provider(
        "chat",
        "Chat Completions",
        "together_ai/Qwen/Qwen3.5-9B",
        "{fake}/v1",
        "openai-chat",
        words=" QUIRK=reasoning_content",
    ),
    Provider("responses", "Responses", "openai/gpt-5.3-codex", "http://api.openai.com/v1", "responses"),
    Provider("ollama", "Ollama", "ollama_chat/qwen3:8b", "{fake}", "ollama"),
    Provider("gemini", "Gemini", "gemini/gemini-3.8-flash", "{fake}/v1beta", "gemini"),
)
"""The model of the Responses column is one that OpenAI offers in that format only."""

CLIENTS = {
    "anthropic": ("Anthropic SDK", "matrix_anthropic", "AnthropicTalker"),
    "chat": ("OpenAI SDK, chat", "matrix_openai", "ChatTalker"),
    "responses": ("OpenAI SDK, responses", "matrix_openai", "ResponsesTalker"),
    "ollama": ("Ollama library", "matrix_ollama", "OllamaTalker"),
    "gemini": ("Google GenAI SDK", "matrix_google", "GeminiTalker"),
}
"""Name → title, module and class. Their own names are the wires they speak."""

FEATURES = {
    "text": "a whole answer",
    "stream": "a stream, piece by piece",
    "thinking": "thinking asked for, shown, and sent back",
    "tools": "two parallel calls and their results, whole, streamed and beside thinking",
    "image": "a picture in the prompt",
    "structured": "an answer held to a JSON schema",
    "errors": "429 and 500, as the SDK's own exceptions",
    "usage": "input, cached and output tokens, whole and streamed",
}

LOSSES: dict[tuple[str, str, str], frozenset[str]] = {
    ("anthropic", "ollama", "thinking"): frozenset({"output_config.effort"}),
    ("anthropic", "ollama", "tools"): frozenset({"output_config.effort"}),
    ("gemini", "ollama", "thinking"): frozenset({"thinkingConfig"}),
    ("gemini", "ollama", "tools"): frozenset({"thinkingConfig"}),
    ("chat", "ollama", "tools"): frozenset({"strict"}),
    ("responses", "chat", "tools"): frozenset({"strict"}),
    ("responses", "ollama", "tools"): frozenset({"strict"}),
}
"""(client, provider, feature) → what `x-trunkline-lost` must name there; nothing may be lost in any other cell.

OpenAI's SDK asks for `strict` tools; who does not hold a call's arguments to their schema cannot be asked to.
"""


def cells() -> Iterator[tuple[str, Provider, str]]:
    """Every (client, provider, feature), in the page's order."""
    for client in CLIENTS:
        for provider in PROVIDERS:
            for feature in FEATURES:
                yield client, provider, feature


def name_of(client: str, provider: str, feature: str) -> str:
    """The id of a cell's test."""
    return f"{client}-{provider}-{feature}"


def talker(client: str, url: str, key: str, losses: Losses) -> Talker:
    """That client's SDK, pointed at a gateway; skips where it is not installed."""
    _, module, kind = CLIENTS[client]
    try:
        made = getattr(import_module(f"tests.conformance.{module}"), kind)
    except ModuleNotFoundError as missing:
        absent(f"the package {missing.name}", "install the packages of requirements-dev.lock")
        raise
    found: Talker = made(url, key, losses)
    return found


def config(fake: str) -> str:
    """The gateway's configuration: one model a column, no retries."""
    lines = ["model_list:"]
    for one in PROVIDERS:
        where = one.base.format(fake=fake)
        lines.append(f"  - model_name: {one.asked}")
        lines.append(f'    litellm_params: {{model: "{one.model}", api_base: "{where}", api_key: os.environ/FAKE_KEY}}')
    return "\n".join(
        [*lines, "general_settings: {master_key: sk-test-master-1234}", "router_settings: {num_retries: 0}"]
    )
