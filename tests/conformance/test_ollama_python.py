"""Ollama's Python client, against the gateway's native Ollama door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ollama
import pytest

from tests.conformance.conftest import Door

pytestmark = pytest.mark.conformance

MODEL = "qwen3:8b"
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "w",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
def client(door: Door) -> Iterator[ollama.Client]:
    made = ollama.Client(host=door.url, headers={"authorization": f"Bearer {door.key}"}, timeout=20)
    yield made
    made._client.close()


def _ask(text: str, **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


def test_a_whole_answer_is_read(client: ollama.Client) -> None:
    answer = client.chat(**_ask("SAY=grüezi✓ IN=120 OUT=9"))
    assert answer.message.content == "grüezi✓"
    assert (answer.done, answer.done_reason, answer.prompt_eval_count, answer.eval_count) == (True, "stop", 120, 9)


def test_a_stream_is_read_line_by_line(client: ollama.Client) -> None:
    lines = list(client.chat(**_ask("LONG=40 THINK"), stream=True))
    assert len([line for line in lines if line.message.content]) == 40
    assert "".join(line.message.thinking or "" for line in lines)
    assert lines[-1].done


def test_tool_calls_go_round(client: ollama.Client) -> None:
    ask = _ask("TOOL PAR SAY=Bern", tools=[WEATHER])
    first = client.chat(**ask)
    calls = first.message.tool_calls or []
    assert [dict(call.function.arguments) for call in calls] == [{"city": "Bern"}, {"city": "Bern-2"}]
    results: list[Any] = [
        {"role": "tool", "tool_name": "get_weather", "content": f"{call.function.arguments['city']}: 21°"}
        for call in calls
    ]
    ask["messages"] += [first.message, *results]
    second = client.chat(**ask)
    assert "Bern: 21°" in (second.message.content or "")
    assert "Bern-2: 21°" in (second.message.content or "")


def test_generate_answers_a_prompt(client: ollama.Client) -> None:
    assert client.generate(model=MODEL, prompt="SAY=ja").response == "ja"
    assert (
        "".join(line.response or "" for line in client.generate(model=MODEL, prompt="SAY=ja-ja", stream=True))
        == "ja-ja"
    )


def test_models_are_listed_and_shown(client: ollama.Client) -> None:
    assert MODEL in [model.model for model in client.list().models]
    assert "completion" in (client.show(MODEL).capabilities or [])


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_providers_error_is_told(client: ollama.Client, status: int) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        client.chat(**_ask(f"ERR={status} MSG=nope-{status}"))
    assert caught.value.status_code == status
    assert f"nope-{status}" in caught.value.error


def test_an_error_in_mid_stream_raises(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        for _ in client.chat(**_ask("LONG=20 ERRMID=5 MSG=broken"), stream=True):
            pass
    assert "broken" in caught.value.error


def test_an_unknown_model_is_not_found(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        client.chat(model="missing:1b", messages=[{"role": "user", "content": "hi"}])
    assert caught.value.status_code == 404
