"""Claude Code without a screen, against the gateway: hello, a tool loop that writes a file, thinking, errors, repairs.

The models of other vendors are asked through the same door: there the gateway translates, and the fake refuses what
the vendor would refuse.
"""

from __future__ import annotations

import pytest

from tests.conformance.agents import Run, claude, workplace
from tests.conformance.conftest import DIRECT, Door
from tests.fake import FakeProvider

pytestmark = pytest.mark.conformance

OWN = "claude-sonnet-5-5"
WIRES = {
    OWN: ["anthropic"],
    "glm-4.6": ["zai-anthropic"],
    "gpt-5.6-sol": ["responses", "openai-chat"],
    "qwen3:8b": ["ollama"],
    "gemini-3.8-flash": ["gemini"],
}
MODELS = [OWN, "glm-4.6", "gpt-5.6-sol", "qwen3:8b", "gemini-3.8-flash"]
HURRY = {"CLAUDE_CODE_MAX_RETRIES": "1"}


def _say(door: Door, prompt: str, *, model: str = OWN, **more: object) -> Run:
    with workplace() as (home, project):
        return claude(door, prompt, home=home, project=project, model=model, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", MODELS)
def test_it_answers_a_prompt(door: Door, fake_provider: FakeProvider, model: str) -> None:
    done = _say(door, "SAY=grüezi✓", model=model)
    assert done.code == 0, done.told
    assert done.result["result"] == "grüezi✓"
    assert done.result["is_error"] is False
    assert done.result["usage"]["output_tokens"] > 0
    assert fake_provider.talks[-1].model == model
    if not DIRECT:
        assert fake_provider.talks[-1].wire in WIRES[model]


@pytest.mark.parametrize("model", MODELS)
def test_its_tool_loop_writes_a_file(door: Door, fake_provider: FakeProvider, model: str) -> None:
    with workplace() as (home, project):
        target = project / "out.txt"
        done = claude(door, f"TOOL FILE={target} SAY=grüezi✓", home=home, project=project, model=model)
        assert done.code == 0, done.told
        assert target.read_text() == "grüezi✓"
    assert done.result["result"].startswith("grüezi✓ ✓ tool said: File created successfully"), done.told
    assert done.result["num_turns"] == 2
    assert len(fake_provider.talks) == 2


@pytest.mark.parametrize("model", MODELS)
def test_two_calls_at_once_and_a_second_round(door: Door, fake_provider: FakeProvider, model: str) -> None:
    with workplace() as (home, project):
        target = project / "out.txt"
        prompt = f"TOOL=Bash PAR ROUNDS=2 THINK FILE={target} SAY=zwei"
        done = claude(door, prompt, home=home, project=project, model=model)
        assert done.code == 0, done.told
        assert (target.read_text(), target.with_name("out.txt.2").read_text()) == ("zwei", "zwei-2")
    assert done.result["num_turns"] >= 3
    assert len(fake_provider.talks) == 3


def test_its_thinking_is_replayed_and_accepted(door: Door, fake_provider: FakeProvider) -> None:
    """The fake refuses a signature that is not its own, so the second turn proves that it came back unharmed."""
    with workplace() as (home, project):
        target = project / "out.txt"
        done = claude(door, f"TOOL THINK FILE={target} SAY=ja", home=home, project=project)
        assert done.code == 0, done.told
        assert target.read_text() == "ja"
    replayed = [block for message in fake_provider.talks[-1].json["messages"] for block in message["content"]]
    assert any(isinstance(block, dict) and block.get("type") == "thinking" for block in replayed)


@pytest.mark.parametrize("model", ["glm-4.6", "qwen3:8b"])
def test_a_search_that_nobody_runs_is_told_as_one_that_failed(
    door: Door, fake_provider: FakeProvider, model: str
) -> None:
    """It searches with a request of its own, which offers the vendor's search and nothing else."""
    if DIRECT:
        pytest.skip("the provider refuses or ignores the tool; the gateway answers for it")
    done = _say(door, "TOOL=WebSearch SAY=kelp", model=model, env={"ENABLE_TOOL_SEARCH": "false"})
    assert done.code == 0, done.told
    assert "Web search error: unavailable" in done.result["result"], done.told
    assert "Not available in this conversation: web_search." in str(fake_provider.talks[1].json)


def test_an_old_base_url_with_v1_works(door: Door) -> None:
    """Guides give both forms; the client then asks for /v1/v1/messages."""
    if DIRECT:
        pytest.skip("no provider serves /v1/v1; the gateway does")
    done = _say(door, "SAY=ja", base=door.v1)
    assert done.code == 0, done.told
    assert done.result["result"] == "ja"


@pytest.mark.parametrize("status", [401, 429, 500, 529])
def test_a_providers_error_is_reported(door: Door, status: int) -> None:
    done = _say(door, f"ERR={status} MSG=nope-{status}", env=HURRY)
    assert done.code == 1, done.told
    assert done.result["is_error"] is True
    assert str(status) in done.result["result"]


def test_a_wrong_key_is_reported(door: Door, fake_provider: FakeProvider) -> None:
    done = _say(door, "SAY=x", key=door.bad_key, env=HURRY)
    assert done.code == 1, done.told
    assert done.result["is_error"] is True
    if not DIRECT:  # the vendor's own wording makes this client speak of its login instead
        assert "401" in done.result["result"]
        assert fake_provider.talks == []


def test_an_error_in_mid_stream_is_repaired_by_a_whole_answer(door: Door, fake_provider: FakeProvider) -> None:
    done = _say(door, "LONG=20 ERRMID=5")
    assert done.code == 0, done.told
    assert done.result["result"].startswith("wörd0 ✓🙂 w1 ")
    assert [one.json.get("stream") for one in fake_provider.talks] in ([True, False], [True, None])


def test_a_long_stream_arrives_whole(door: Door) -> None:
    done = _say(door, "LONG=2000")
    assert done.code == 0, done.told
    assert done.result["result"].split()[-1] == "w1999"
