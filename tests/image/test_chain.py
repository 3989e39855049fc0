"""The chain in the image: nothing but its folder is mounted, and Ollama is a service beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fake import FakeProvider
from tests.image.container import INSIDE, NEAR, Container, ask, rehearsed
from tests.image.rehearsal import ROOT, Image

pytestmark = rehearsed

EXAMPLE = ROOT / "examples" / "chain"
SERVICES = yaml.safe_load((EXAMPLE / "docker-compose.yml").read_text())["services"]
FILE = "config/litellm-config.json"
HELLO = {"messages": [{"role": "user", "content": "SAY=hello"}]}


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with Image() as built:
        built.put(f"/app/{FILE}", (EXAMPLE / FILE).read_text())
        # The engine tells a container the names of the services beside it.
        built.put("/etc/hosts", f"127.0.0.1 localhost\n{NEAR} ollama\n")
        yield built


def test_it_listens_on_8001_and_finds_the_ollama_beside_it(image: Image, network: str, tmp_path: Path) -> None:
    lines = [line for line in (EXAMPLE / ".env.example").read_text().splitlines() if line and line[0] != "#"]
    env = dict(line.split("=", 1) for line in lines)
    with (
        FakeProvider(host=NEAR, port=11434, models=("mistral",)) as ollama,
        Container(image, SERVICES["trunkline"].get("command"), env, tmp_path / "log", network) as container,
    ):
        url = f"http://{INSIDE}:8001"
        assert ask(f"{url}/health", source=NEAR)[0] == 200
        assert image.run(image.config.health, env, netns=network)[0] == 0
        assert ollama.requests == [], "nobody was asked at the start"

        # The model is not there yet, and the answer says what to do; so does the compose file, on the first start.
        status, said = ask(f"{url}/chat/completions", HELLO, NEAR)
        assert status == 404
        assert "trunkline pull neural-chat" in said["error"]["message"]
        code, told = image.run(["trunkline", *SERVICES["pull"]["command"]], env, netns=network)
        assert (code, told.splitlines()[-1]) == (0, "neural-chat is there."), told
        assert "neural-chat: ab12ab12ab12 50 % of 5.2 GB" in told

        for body in (HELLO, {**HELLO, "model": "claude-opus-4.5"}, {**HELLO, "model": "auto"}):
            answered: tuple[int, Any] = ask(f"{url}/chat/completions", body, NEAR)
            assert answered[0] == 200, answered
            assert answered[1]["choices"][0]["message"]["content"] == "hello"
        assert {talk.model for talk in ollama.talks} == {"neural-chat"}
        assert "ANTHROPIC_API_KEY" in container.told
