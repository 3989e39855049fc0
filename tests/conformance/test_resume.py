"""Real clients whose stream is cut in the middle of a sentence: they read one whole answer and notice nothing."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import anthropic
import ollama
import openai
import pytest

from tests.conformance.agents import claude, codex, workplace
from tests.conformance.conftest import DIRECT, Door
from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, provider_environment

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from google import genai
    from google.genai import types as genai_types

pytestmark = [pytest.mark.conformance, pytest.mark.skipif(DIRECT, reason="a provider alone cannot survive itself")]

SAID = "wörd0 ✓🙂 w1 w2 w3 the-rest"


def config(url: str) -> str:
    """Each group is served by its own wire's provider first, and by another's when that breaks."""
    lines = ["model_list:"]

    def row(name: str, model: str, base: str, order: int) -> None:
        more = f'api_base: "{base}", api_key: os.environ/FAKE_KEY, order: {order}'
        lines.append(f'  - model_name: "{name}"\n    litellm_params: {{model: "{model}", {more}}}')

    row("claude-sonnet-5-5", "anthropic/claude-sonnet-5-5", url, 1)
    row("claude-sonnet-5-5", "openai/glm-5.3", f"{url}/v1", 2)
    row("gpt-5.6-sol", "openai/gpt-5.6-sol", f"{url}/v1", 1)
    row("gpt-5.6-sol", "anthropic/claude-haiku-4-5", url, 2)
    row("qwen3:8b", "ollama_chat/qwen3:8b", url, 1)
    row("qwen3:8b", "openai/glm-5.3", f"{url}/v1", 2)
    row("gemini-3.8-flash", "gemini/gemini-3.8-flash", f"{url}/v1beta", 1)
    row("gemini-3.8-flash", "openai/glm-5.3", f"{url}/v1", 2)
    rest = [f"general_settings: {{master_key: {MASTER_KEY}}}", "router_settings: {disable_cooldowns: true}"]
    return "\n".join([*lines, *rest])


@pytest.fixture(scope="module")
def _resuming(fake_server: FakeProvider) -> Iterator[Gateway]:
    with Gateway(config(fake_server.url), env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.fixture
def resuming(_resuming: Gateway, fake_provider: FakeProvider) -> Door:
    return Door(_resuming.url, MASTER_KEY)


def cut(fake: FakeProvider, first: str) -> None:
    """The first request of a model breaks after four words; whoever is asked next says the rest."""
    fake.program({"model": first, "long": 9, "cut_after": 4, "slow_ms": 20})
    for other in ("glm-5.3", "claude-haiku-4-5"):
        fake.program({"model": other, "say": "the-rest"})


def by_anthropic(door: Door) -> str:
    client = anthropic.Anthropic(base_url=door.url, api_key=door.key, max_retries=0)
    asked = [{"role": "user", "content": "Hi"}]
    with client.messages.stream(model="claude-sonnet-5-5", max_tokens=900, messages=asked) as stream:  # type: ignore[arg-type]
        message = stream.get_final_message()
    assert message.stop_reason == "end_turn"
    return "".join(block.text for block in message.content if block.type == "text")


def by_chat(door: Door) -> str:
    client = openai.OpenAI(base_url=door.v1, api_key=door.key, max_retries=0)
    asked = [{"role": "user", "content": "Hi"}]
    with client.chat.completions.stream(model="gpt-5.6-sol", messages=asked) as stream:  # type: ignore[arg-type]
        completion = stream.get_final_completion()
    assert completion.choices[0].finish_reason == "stop"
    return completion.choices[0].message.content or ""


def by_responses(door: Door) -> str:
    client = openai.OpenAI(base_url=door.v1, api_key=door.key, max_retries=0)
    with client.responses.stream(model="gpt-5.6-sol", input="Hi") as stream:
        response = stream.get_final_response()
    assert response.status == "completed"
    return response.output_text


def by_ollama(door: Door) -> str:
    with ollama.Client(host=door.url, headers={"authorization": f"Bearer {door.key}"}) as client:
        parts = list(client.chat(model="qwen3:8b", messages=[{"role": "user", "content": "Hi"}], stream=True))
    assert parts[-1].done_reason == "stop"
    return "".join(part.message.content or "" for part in parts)


def by_google(door: Door) -> str:
    client = genai.Client(api_key=door.key, http_options=genai_types.HttpOptions(base_url=door.url))
    with client:
        chunks = list(client.models.generate_content_stream(model="gemini-3.8-flash", contents="Hi"))
    return "".join(chunk.text or "" for chunk in chunks)


CLIENTS: list[tuple[str, Callable[[Door], str]]] = [
    ("claude-sonnet-5-5", by_anthropic),
    ("gpt-5.6-sol", by_chat),
    ("gpt-5.6-sol", by_responses),
    ("qwen3:8b", by_ollama),
    ("gemini-3.8-flash", by_google),
]


@pytest.mark.parametrize(("first", "client"), CLIENTS, ids=lambda value: getattr(value, "__name__", ""))
def test_an_official_library_reads_one_answer(
    resuming: Door, fake_provider: FakeProvider, first: str, client: Callable[[Door], str]
) -> None:
    cut(fake_provider, first)
    assert client(resuming) == SAID
    assert len(fake_provider.talks) == 2


def test_claude_code_survives_a_cut_in_mid_sentence(resuming: Door, fake_provider: FakeProvider) -> None:
    cut(fake_provider, "claude-sonnet-5-5")
    with workplace() as (home, project):
        done = claude(resuming, "Hi there", home=home, project=project, model="claude-sonnet-5-5")
    assert done.code == 0, done.told
    assert done.result["is_error"] is False
    assert done.result["result"] == SAID, done.told
    assert len(fake_provider.talks) == 2


def test_codex_survives_a_cut_in_mid_sentence(resuming: Door, fake_provider: FakeProvider) -> None:
    cut(fake_provider, "gpt-5.6-sol")
    with workplace() as (home, project):
        done = codex(resuming, "Hi there", home=home, project=project, model="gpt-5.6-sol")
    assert done.code == 0, done.told
    assert "the-rest" in done.stdout, done.told
    assert len(fake_provider.talks) == 2
