"""The service from the files of `examples/chain` as their users have them, and the three providers behind it.

Only where the providers are stands in the environment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway
from tests.wall.asking import Reply, ask

EXAMPLE = Path(__file__).parents[3] / "examples" / "chain"
FILE = "config/litellm-config.json"
CHAIN = ["claude-opus-4.5", "gpt-4-turbo", "ollama/neural-chat"]
KEYS = {"ANTHROPIC_API_KEY": GOOD_KEY, "OPENAI_API_KEY": GOOD_KEY}


@dataclass(frozen=True, slots=True)
class Providers:
    """One fake each, so that it is plain who was asked."""

    claude: FakeProvider
    gpt: FakeProvider
    ollama: FakeProvider

    @property
    def asked(self) -> list[str]:
        """Who was asked for an answer, by the names that they were told."""
        return [talk.model for one in (self.claude, self.gpt, self.ollama) for talk in one.talks]

    @property
    def environment(self) -> dict[str, str]:
        """Where they are. Ollama's is written as people write it, without a scheme."""
        return {
            "ANTHROPIC_API_BASE": self.claude.url,
            "OPENAI_API_BASE": self.gpt.url,
            "OLLAMA_HOST": self.ollama.url.removeprefix("http://"),
        }


def filled(keys: Mapping[str, str]) -> str:
    """`.env.example` with these values put in."""
    text = (EXAMPLE / ".env.example").read_text(encoding="utf-8")
    for name, value in keys.items():
        text, count = re.subn(rf"(?m)^#? ?{name}=.*$", f"{name}={value}", text)
        assert count == 1, f".env.example has a line for {name}"
    return text


@contextmanager
def service(
    fakes: Providers, keys: Mapping[str, str] = KEYS, env: Mapping[str, str] | None = None, **changes: Any
) -> Iterator[Gateway]:
    """The service from the example's files; `changes` are laid over the sections of its JSON: `litellm={...}`."""
    said = json.loads((EXAMPLE / FILE).read_text(encoding="utf-8"))
    for section, values in changes.items():
        said[section] = {**said.get(section, {}), **values}
    text = json.dumps(said, indent=2) if changes else (EXAMPLE / FILE).read_text(encoding="utf-8")
    around = {"PORT": "0", **fakes.environment, **(env or {})}
    with Gateway(text, name=FILE, files={".env": filled(keys)}, env=around, port=None) as gateway:
        yield gateway


def talk(gateway: Gateway, words: str, model: str | None = None, **more: Any) -> Reply:
    body: dict[str, Any] = {"messages": [{"role": "user", "content": words}], "max_tokens": 300, **more}
    if model is not None:
        body["model"] = model
    return ask(gateway.url, "/chat/completions", body, headers={"content-type": "application/json"}, timeout=20)


def said(reply: Reply) -> str:
    assert reply.status == 200, reply.body
    return str(reply.json["choices"][0]["message"]["content"])
