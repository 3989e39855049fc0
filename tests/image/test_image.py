"""The image, rehearsed: built by its own steps, started by its own entry point, as its own user, with an example's files."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.fake import GOOD_KEY, FakeProvider
from tests.image.container import FAR, INSIDE, NEAR, Container, ask, rehearsed
from tests.image.rehearsal import ROOT, Image
from tests.wall.asking import until

pytestmark = rehearsed

EXAMPLE = ROOT / "examples" / "claude-code-on-zai"
COMPOSE = yaml.safe_load((EXAMPLE / "docker-compose.yml").read_text())["services"]["trunkline"]


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with Image() as built:
        built.put("/app/config.yaml", (EXAMPLE / "config.yaml").read_text())
        yield built


SONNET = {"model": "claude-3-5-sonnet", "max_tokens": 50, "messages": [{"role": "user", "content": "SAY=hello"}]}


def test_it_holds_what_compose_files_call_and_runs_as_nobody_special(image: Image) -> None:
    for words in (["curl", "--version"], ["wget", "--version"], ["trunkline", "--version"], ["litellm", "--version"]):
        code, told = image.run(words)
        assert code == 0, told
    assert image.run(["id", "-u"])[1].strip() == "10001"
    assert image.run(["stat", "-c", "%a %u", "/var/lib/trunkline"])[1].split() == ["700", "10001"]
    assert image.run(["sh", "-c", "touch /opt/trunkline/x"])[0] != 0
    assert image.config.said["VOLUME"] == image.config.env["TRUNKLINE_HOME"] == "/var/lib/trunkline"


def test_the_guide_step_by_step(image: Image, network: str, tmp_path: Path) -> None:
    env = dict(line.split("=", 1) for line in (EXAMPLE / ".env.example").read_text().splitlines() if line[0] != "#")
    with Container(image, COMPOSE["command"], env, tmp_path / "log", network) as container:
        # It starts before the key was put in, is healthy, and says which variable is a placeholder.
        assert "ZAI_API_KEY" in container.told
        assert "this container and 10.201.7.0/24" in container.told
        assert "127.0.0.1:4000:4000" in container.told
        code, told = image.run(image.config.health, env, netns=network)
        assert (code, "alive" in told) == (0, True), told
        assert image.run(["curl", "-fsS", "http://localhost:4000/health"], netns=network)[0] == 0
        assert image.run(["wget", "-qO-", "http://localhost:4000/health"], netns=network)[0] == 0
        assert ask(f"http://{INSIDE}:4000/health", source=NEAR)[0] == 200

        # A call is answered with what to put where.
        status, said = ask(f"http://{INSIDE}:4000/v1/messages", SONNET, NEAR)
        assert (status, said["error"]["type"]) == (401, "authentication_error")
        assert "ZAI_API_KEY" in said["error"]["message"]

        # Who comes from another network is told so, with the address that was seen.
        status, said = ask(f"http://{INSIDE}:4000/v1/messages", SONNET, FAR)
        assert status == 403
        assert FAR in said["error"]["message"] and "TRUNKLINE_ALLOWED_IPS" in said["error"]["message"]

        # Another start on the same port says which one is taken.
        code, told = image.run(["trunkline", *COMPOSE["command"]], env, netns=network)
        assert code == 1 and "Port 4000" in told and "in use" in told
    code, told = image.run(image.config.health, env, netns=network)
    assert code == 1, told


def test_the_operator_lets_another_network_in(image: Image, network: str, tmp_path: Path) -> None:
    env = {"ZAI_API_KEY": "<your-token>", "TRUNKLINE_ALLOWED_IPS": f"{FAR}/32"}
    with Container(image, COMPOSE["command"], env, tmp_path / "log", network):
        assert ask(f"http://{INSIDE}:4000/v1/messages", SONNET, FAR)[0] == 401


@pytest.mark.parametrize("command", [None, ["--port", "0"], ["serve", "--port", "0", "--num_workers", "2"]])
def test_without_a_word_about_a_file_the_mounted_one_is_read(
    image: Image, fake_provider: FakeProvider, tmp_path: Path, command: list[str] | None
) -> None:
    env = {"ZAI_API_KEY": GOOD_KEY, "ZAI_API_BASE": fake_provider.url, "PORT": "0", "HOST": "127.0.0.1"}
    with Container(image, command, env, tmp_path / "log") as container:
        found = re.search(r"listens on (http://\S+)", container.told)
        assert found is not None
        for path in ("/v1/messages", "/v1/v1/messages"):
            until(lambda: _lives(found[1]), what="for the first worker", within=20)
            status, said = ask(f"{found[1]}{path}", SONNET)
            assert (status, said["content"][0]["text"]) == (200, "hello")
        code, told = image.run(image.config.health, env)
        assert code == 0, told
    assert {one.path for one in fake_provider.talks} == {"/api/anthropic/v1/messages"}
    assert {one.key for one in fake_provider.talks} == {GOOD_KEY}


def _lives(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def test_a_file_that_cannot_be_run_refuses_with_its_line(image: Image, tmp_path: Path) -> None:
    image.put("/app/broken.yaml", "model_list:\n  - model_name: x\n    litellm_params: {model: [}\n")
    code, told = image.run(["trunkline", "--config", "/app/broken.yaml", "--port", "0"])
    assert code == 1
    assert "broken.yaml:3" in told


def test_it_starts_soon_enough_for_its_health_check(image: Image, tmp_path: Path) -> None:
    env = {"ZAI_API_KEY": "<your-token>", "PORT": "0", "HOST": "127.0.0.1"}
    with Container(image, None, env, tmp_path / "log"):
        began = time.monotonic()
        until(lambda: image.run(image.config.health, env)[0] == 0, what="for a healthy container", within=10)
        assert time.monotonic() - began < 10
