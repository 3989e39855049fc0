"""A service with a chain of models behind it: Claude, then GPT-4, then Ollama. Started from the files of
`examples/chain` as their users have them; only where the providers are stands in the environment.
"""

from __future__ import annotations

import json
import os
import pty
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, GatewayDied, clean_environment
from tests.wall.asking import Reply, ask, until
from trunkline.cli.config_path import MOUNTED
from trunkline.client import LiteLLMClient, call_llm

EXAMPLE = Path(__file__).parents[2] / "examples" / "chain"
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


@pytest.fixture(scope="module")
def _fakes() -> Iterator[Providers]:
    with FakeProvider() as claude, FakeProvider() as gpt, FakeProvider(models=("neural-chat", "mistral")) as ollama:
        yield Providers(claude, gpt, ollama)


@pytest.fixture
def fakes(_fakes: Providers) -> Providers:
    """The three, having forgotten everything."""
    for one in (_fakes.claude, _fakes.gpt, _fakes.ollama):
        one.reset()
    return _fakes


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


@pytest.fixture(scope="module")
def _whole(_fakes: Providers) -> Iterator[Gateway]:
    with service(_fakes) as gateway:
        yield gateway


@pytest.fixture
def whole(_whole: Gateway, fakes: Providers) -> Gateway:
    """The service with both keys, and nothing changed."""
    return _whole


def talk(gateway: Gateway, words: str, model: str | None = None, **more: Any) -> Reply:
    body: dict[str, Any] = {"messages": [{"role": "user", "content": words}], "max_tokens": 300, **more}
    if model is not None:
        body["model"] = model
    return ask(gateway.url, "/chat/completions", body, headers={"content-type": "application/json"}, timeout=20)


def said(reply: Reply) -> str:
    assert reply.status == 200, reply.body
    return str(reply.json["choices"][0]["message"]["content"])


# The files


def test_the_files_start_as_they_are_and_nothing_in_them_is_doubted(whole: Gateway) -> None:
    assert "warning" not in whole.stderr.lower()
    assert whole.stderr.count("Traceback") == 0


def test_the_compose_file_has_ollama_beside_it_and_pulls_its_model_on_the_first_start() -> None:
    services = yaml.safe_load((EXAMPLE / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    own, ollama, pull = services["trunkline"], services["ollama"], services["pull"]
    assert own["ports"] == ["127.0.0.1:8001:8001"]
    assert "command" not in own, "neither command nor port is needed"
    assert "./config:/app/config:ro" in own["volumes"] and Path("/app") / FILE in MOUNTED
    assert ollama["image"] == "ollama/ollama"
    assert ollama["environment"] == {"OLLAMA_NUM_PARALLEL": "1"}
    assert ollama["volumes"] == ["ollama:/root/.ollama"]
    assert ollama["healthcheck"]["test"] == ["CMD", "ollama", "list"]
    assert (pull["command"], pull["volumes"]) == (["pull"], own["volumes"][:1])
    assert pull["depends_on"]["ollama"] == {"condition": "service_healthy"}


def test_without_a_flag_it_listens_on_8001(fakes: Providers, tmp_path: Path) -> None:
    # Whoever has that port, the test or somebody else, the service must name it.
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 8001))
            taken.listen()
        except OSError:
            pass
        text = (EXAMPLE / FILE).read_text(encoding="utf-8")
        with pytest.raises(GatewayDied, match="8001"):
            Gateway(text, name=FILE, env=fakes.environment, port=None, home=tmp_path).start()


# The chain


def test_a_call_goes_to_claude_by_its_vendors_name_at_its_price(whole: Gateway, fakes: Providers) -> None:
    reply = talk(whole, "SAY=first IN=1000 OUT=100", "claude-opus-4.5")
    assert said(reply) == "first"
    assert fakes.asked == ["claude-opus-4-5"]
    assert Decimal(reply.header("x-litellm-response-cost") or "") == Decimal("0.0075")


def test_without_a_model_the_default_answers(whole: Gateway, fakes: Providers) -> None:
    assert said(talk(whole, "SAY=default")) == "default"
    assert fakes.asked == ["claude-opus-4-5"]


def test_an_error_goes_on_to_gpt_and_another_to_ollama(whole: Gateway, fakes: Providers) -> None:
    fakes.claude.program({"status": 500})
    assert said(talk(whole, "SAY=second")) == "second"
    assert fakes.asked == ["claude-opus-4-5", "gpt-4-turbo"]
    fakes.claude.program({"status": 529})
    fakes.gpt.program({"status": 503})
    reply = talk(whole, "SAY=third")
    assert said(reply) == "third"
    assert fakes.asked[-1] == "neural-chat"
    assert reply.header("x-litellm-attempted-fallbacks") == "2"


def test_gpt_asked_by_name_goes_on_to_ollama_and_never_back(whole: Gateway, fakes: Providers) -> None:
    fakes.gpt.program({"status": 500})
    assert said(talk(whole, "SAY=after", "gpt-4-turbo")) == "after"
    assert fakes.asked == ["gpt-4-turbo", "neural-chat"]


def test_a_timeout_goes_on(fakes: Providers) -> None:
    with service(fakes, litellm={"api_timeout": 3}) as gateway:
        fakes.claude.program({"delay": 15})
        assert said(talk(gateway, "SAY=late")) == "late"
        assert fakes.asked == ["claude-opus-4-5", "gpt-4-turbo"]


@pytest.mark.parametrize("keys", [{}, {"ANTHROPIC_API_KEY": "your-api-key-here"}])
def test_with_no_key_at_all_every_call_lands_on_ollama_free(fakes: Providers, keys: dict[str, str]) -> None:
    with service(fakes, keys) as gateway:
        for model in (None, "claude-opus-4.5", "gpt-4-turbo", "auto", "ollama/neural-chat"):
            reply = talk(gateway, f"SAY=free-{model}", model)
            assert said(reply) == f"free-{model}"
            assert Decimal(reply.header("x-litellm-response-cost") or "") == 0
        assert set(fakes.asked) == {"neural-chat"}
        assert "ANTHROPIC_API_KEY" in gateway.stderr, "the log says which key is missing"


def test_at_80_percent_of_a_models_month_its_fallback_answers(fakes: Providers) -> None:
    quota = {"claude": {"monthly_limit_usd": 0.1, "fallback_after_80_percent": True}}
    with service(fakes, litellm={"quota_limits": quota}) as gateway:
        assert "claude" in (talk(gateway, "SAY=dear OUT=3300", max_tokens=3300).header("x-trunkline-route") or "")
        reply = talk(gateway, "SAY=cheaper", max_tokens=300)
        assert said(reply) == "cheaper"
        assert fakes.asked == ["claude-opus-4-5", "gpt-4-turbo"]
        assert "fallback_at" in (reply.header("x-trunkline-route") or "")


def test_a_month_that_is_spent_goes_on_as_well(fakes: Providers) -> None:
    quota = {"claude": {"monthly_limit_usd": 0.1, "fallback_after_80_percent": False}}
    with service(fakes, litellm={"quota_limits": quota}) as gateway:
        assert "claude" in (talk(gateway, "SAY=dear OUT=3900", max_tokens=3900).header("x-trunkline-route") or "")
        assert said(talk(gateway, "SAY=cheaper", max_tokens=2000)) == "cheaper"
        assert fakes.asked == ["claude-opus-4-5", "gpt-4-turbo"]


def test_at_its_rpm_a_model_makes_way(fakes: Providers) -> None:
    quota = {"claude": {"rpm_limit": 2}, "gpt4": {"rpm_limit": 1}}
    with service(fakes, litellm={"quota_limits": quota}) as gateway:
        for number in range(4):
            assert said(talk(gateway, f"SAY=n{number}")) == f"n{number}"
        assert fakes.asked == ["claude-opus-4-5"] * 2 + ["gpt-4-turbo", "neural-chat"]


def test_a_quota_of_no_model_is_a_warning(fakes: Providers) -> None:
    with service(fakes, litellm={"quota_limits": {"gemini": {"monthly_limit_usd": 5}}}) as gateway:
        assert re.search(r"litellm-config\.json:\d+: the quota `gemini` limits nothing", gateway.stderr)


# The router


def test_auto_is_the_cheapest_that_is_well(whole: Gateway, fakes: Providers) -> None:
    assert said(talk(whole, "SAY=cheap", "auto")) == "cheap"
    fakes.ollama.program({"status": 500})
    assert said(talk(whole, "SAY=next", "auto")) == "next"
    assert fakes.asked == ["claude-opus-4-5", "neural-chat", "neural-chat"], "$5 and $25 are less than $10 and $30"


def test_auto_passes_over_what_rests(fakes: Providers) -> None:
    with service(fakes, router_settings={"cooldown_time": 60}) as gateway:
        fakes.ollama.program({"status": 500, "times": -1})
        for number in range(6):
            said(talk(gateway, f"SAY=a{number}", "auto"))
        asked = len(fakes.ollama.talks)
        assert said(talk(gateway, "SAY=b", "auto")) == "b"
        assert len(fakes.ollama.talks) == asked < 6


def test_only_what_is_allowed_is_offered(whole: Gateway, fakes: Providers) -> None:
    assert [row["id"] for row in ask(whole.url, "/models").json["data"]] == CHAIN
    for name in ("gpt-5.6-sol", "ollama/mistral", "demo/echo"):
        reply = talk(whole, "hello", name)
        assert reply.status == 404
        assert "is configured here" in reply.message
    assert fakes.asked == []


def test_a_fallback_after_a_timeout_may_be_unwanted(fakes: Providers) -> None:
    with service(fakes, litellm={"api_timeout": 3}, router={"fallback_on_timeout": False}) as gateway:
        fakes.claude.program({"delay": 15})
        assert talk(gateway, "SAY=late").status == 504
        fakes.claude.program({"status": 500})
        assert said(talk(gateway, "SAY=other")) == "other"
        assert fakes.asked == ["claude-opus-4-5"] * 2 + ["gpt-4-turbo"]


def test_a_fallback_after_an_error_of_a_quota_may_be_unwanted(fakes: Providers) -> None:
    with service(fakes, router={"fallback_on_quota_error": False}) as gateway:
        fakes.claude.program({"status": 429, "retry_after": "60", "times": -1})
        assert talk(gateway, "SAY=limited").status == 429
        assert talk(gateway, "SAY=again").status == 429
        assert set(fakes.asked) == {"claude-opus-4-5"}
        assert said(talk(gateway, "SAY=by-name", "gpt-4-turbo")) == "by-name"


# The pages and the environment


def test_paths_have_no_v1_and_no_key_is_asked_for(whole: Gateway, fakes: Providers) -> None:
    assert ask(whole.url, "/health").json["status"] == "healthy"
    assert ask(whole.url, "/models").status == 200
    assert talk(whole, "SAY=x").status == 200
    assert ask(whole.url, "/v1/models").status == 200, "and with it they are the same"


def test_with_a_master_key_authorization_is_asked_for(fakes: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-test-of-the-chain-1"
    with service(fakes, {**KEYS, "LITELLM_MASTER_KEY": key}) as gateway:
        assert ask(gateway.url, "/health").status == 200
        assert talk(gateway, "SAY=x").status == 401
        assert ask(gateway.url, "/models", headers={"authorization": f"Bearer {key}"}).status == 200
        client = LiteLLMClient(gateway.url)
        with pytest.raises(requests.RequestException, match="401"):
            client.call_llm("auto", [{"role": "user", "content": "SAY=x"}])
        monkeypatch.setenv("LITELLM_MASTER_KEY", key)
        assert client.call_llm("auto", [{"role": "user", "content": "SAY=x"}])["choices"]


def test_equal_calls_are_answered_from_memory(whole: Gateway, fakes: Providers) -> None:
    first, second = (talk(whole, "SAY=once") for _ in range(2))
    assert said(first) == said(second)
    assert second.header("x-trunkline-cache") == "hit"
    assert len(fakes.asked) == 1


def test_the_level_of_the_log_is_the_variables_then_the_files(fakes: Providers) -> None:
    with service(fakes, {**KEYS, "LITELLM_LOG_LEVEL": "ERROR"}) as gateway:
        said(talk(gateway, "SAY=quiet"))
        assert gateway.stderr == ""
    with service(fakes, {**KEYS, "LITELLM_LOG_LEVEL": ""}, litellm={"log_level": "ERROR"}) as gateway:
        said(talk(gateway, "SAY=quiet-too"))
        assert gateway.stderr == ""
    with service(fakes, env={"LITELLM_LOG_LEVEL": "INFO"}, litellm={"log_level": "ERROR"}) as gateway:
        said(talk(gateway, "SAY=told"))
        until(lambda: "claude-opus-4-5" in gateway.stderr, what="for the line of the request")


def test_a_database_that_is_not_used_is_said_at_the_start(fakes: Providers) -> None:
    with service(fakes, env={"DATABASE_TYPE": "postgres"}) as gateway:
        assert "DATABASE_TYPE: it is 'postgres', but what is spent is kept in SQLite" in gateway.stderr
        assert ask(gateway.url, "/health/readiness").json["db"] == "sqlite"
        assert said(talk(gateway, "SAY=all-the-same")) == "all-the-same"


# Ollama


def test_ollamas_address_may_be_given_in_its_own_variable(fakes: Providers) -> None:
    with service(fakes, {}, env={"OLLAMA_HOST": "", "OLLAMA_API_BASE": fakes.ollama.url}) as gateway:
        assert said(talk(gateway, "SAY=there")) == "there"


def test_nobody_is_asked_at_the_start(fakes: Providers) -> None:
    with service(fakes):
        assert [one.requests for one in (fakes.claude, fakes.gpt, fakes.ollama)] == [[], [], []]


def test_where_ollama_is_not_the_answer_says_so(fakes: Providers) -> None:
    with service(fakes, {}, env={"OLLAMA_HOST": "127.0.0.1:9"}) as gateway:
        reply = talk(gateway, "SAY=x")
        assert reply.status == 502
        assert "127.0.0.1:9 refused the connection" in reply.message


def test_a_model_that_is_not_pulled_is_named_with_the_command_that_pulls_it(fakes: Providers) -> None:
    with service(fakes, {}, litellm={"fallback_strategy": ["ollama/phi4"], "allowed_models": []}) as gateway:
        reply = talk(gateway, "SAY=x", "ollama/phi4")
        assert reply.status == 404
        assert "trunkline pull phi4" in f"{reply.message} {reply.header('x-trunkline-hint')}"
        done = _pulled(gateway.home, fakes, "phi4")
        assert done.returncode == 0, done.stderr
        assert said(talk(gateway, "SAY=now", "ollama/phi4")) == "now"


def _pulled(home: Path, fakes: Providers, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trunkline", "pull", *args]
    env = clean_environment(home, {**fakes.environment, **variables})
    return subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=60)


def test_what_the_configuration_names_is_pulled_with_its_progress_in_the_log(fakes: Providers, tmp_path: Path) -> None:
    done = _pulled(tmp_path, fakes, CONFIG_FILE_PATH=str(EXAMPLE / FILE))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "neural-chat: pulling manifest"
    assert "neural-chat: ab12ab12ab12 50 % of 5.2 GB" in lines
    assert lines[-1] == "neural-chat is there."


def test_a_pull_that_breaks_off_goes_on(fakes: Providers, tmp_path: Path) -> None:
    fakes.ollama.program({"path": "/api/pull", "cut_after": 3})
    done = _pulled(tmp_path, fakes, "ollama/mistral")
    assert done.returncode == 0, done.stderr
    assert "going on in 1 s" in done.stdout
    assert [seen.path for seen in fakes.ollama.requests].count("/api/pull") == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["missing-model"], "There is no such model: look for its name at"),
        (["mistral", "--api-base", "http://127.0.0.1:9"], "No Ollama was found. http://127.0.0.1:9:"),
        ([], "Which model?"),
    ],
)
def test_a_pull_that_cannot_be_says_why(fakes: Providers, tmp_path: Path, args: list[str], words: str) -> None:
    done = _pulled(tmp_path, fakes, *args)
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_ollama_is_told_so(fakes: Providers, whole: Gateway, tmp_path: Path) -> None:
    done = _pulled(tmp_path, fakes, "mistral", "--api-base", f"{fakes.gpt.url}/nowhere")
    assert done.returncode == 1
    assert "no Ollama" in done.stderr


def test_on_a_terminal_a_bar_shows_how_far_it_is(fakes: Providers, tmp_path: Path) -> None:
    parent, child = pty.openpty()
    env = {**clean_environment(tmp_path, fakes.environment), "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "trunkline", "pull", "mistral"]
    process = subprocess.Popen(command, cwd=tmp_path, env=env, stdin=child, stdout=child, stderr=child)
    os.close(child)
    shown = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(parent)
    assert process.wait(60) == 0
    text = shown.decode()
    assert "━" in text
    assert "5.2/5.2 GB" in text
    assert "mistral is there." in text


# The client


def test_the_small_client_does_what_it_did(whole: Gateway, fakes: Providers) -> None:
    client = LiteLLMClient(base_url=whole.url, timeout=30)
    assert client.get_health() is True
    assert client.get_available_models() == CHAIN
    messages = [{"role": "user", "content": "SAY=hello"}]
    assert client.call_llm("claude-opus-4.5", messages, temperature=0.2)["choices"][0]["message"]["content"] == "hello"
    assert call_llm("gpt-4-turbo", messages, base_url=whole.url)["object"] == "chat.completion"
    with pytest.raises(requests.RequestException, match="Did you mean 'gpt-4-turbo'"):
        client.call_llm("gpt-4-trubo", messages)


def test_its_time_out_is_a_request_exception(whole: Gateway, fakes: Providers) -> None:
    fakes.claude.program({"delay": 3})
    with pytest.raises(requests.RequestException) as caught:
        LiteLLMClient(whole.url, timeout=0.3).call_llm("claude-opus-4.5", [{"role": "user", "content": "SAY=slow"}])
    assert isinstance(caught.value, requests.Timeout)
