"""A stream that breaks after the client has a part of it: the same stream goes on, or ends with an honest error."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, provider_environment
from tests.property.clients import READERS, Read
from tests.wall.asking import Reply, ask, streaming, until
from tests.wall.scenes import CHAT, GENERATE, KEY, MESSAGES, OLLAMA, RESPONSES, Scene, rows
from tests.wall.scripted import Scripted
from trunkline.model.wires import Wire

SERIAL = itertools.count()
FIRST = {
    "anthropic": "anthropic/claude-sonnet-5-5",
    "openai": "openai/wall-1",
    "ollama": "ollama_chat/qwen3:8b",
    "gemini": "gemini/gemini-3.8-flash",
}
SECOND = {
    "anthropic": "anthropic/claude-haiku-4-5",
    "openai": "openai/wall-2",
    "ollama": "ollama_chat/glm-5.3",
    "gemini": "gemini/gemini-2.5-flash",
}
GEMINI = Scene("generate", "", "", "gemini", "gemini", "gemini")
CLIENTS: dict[str, tuple[Scene, Wire]] = {
    "messages": (MESSAGES, "anthropic"),
    "chat": (CHAT, "openai_chat"),
    "responses": (RESPONSES, "openai_responses"),
    "ollama": (OLLAMA, "ollama"),
    "gemini": (GEMINI, "gemini"),
}
OWN = {"messages": "anthropic", "chat": "openai", "responses": "openai", "ollama": "ollama", "gemini": "gemini"}


def base(provider: str, url: str) -> str:
    return {"openai": f"{url}/v1", "gemini": f"{url}/v1beta"}.get(provider, url)


def groups(url: str, scripted: str) -> str:
    """`a-b`: a deployment of provider a, then one of b. `a`: one alone, asked again up to once; `a-never`: not."""
    lines = []

    def row(name: str, provider: str, model: str, order: int, more: str = "") -> None:
        where = f'api_base: "{base(provider, url)}", api_key: os.environ/FAKE_KEY, order: {order}{more}'
        lines.append(f'  - model_name: "{name}"')
        lines.append(f'    litellm_params: {{model: "{model}", {where}}}')

    for first in FIRST:
        row(first, first, FIRST[first], 1, ", max_retries: 1")
        row(f"{first}-never", first, FIRST[first], 1, ", max_retries: 0")
        for second in SECOND:
            row(f"{first}-{second}", first, FIRST[first], 1)
            row(f"{first}-{second}", second, SECOND[second], 2)
    row("many", "openai", "openai/wall-1", 1)
    row("many", "openai", "openai/wall-2", 2)
    row("many", "anthropic", SECOND["anthropic"], 3)
    row("clone", "openai", "openai/wall-1", 1)
    row("clone", "anthropic", "anthropic/clone-1", 2)
    where = f'api_base: "{scripted or url}", api_key: os.environ/FAKE_KEY, order: 1'
    lines.append(f"  - model_name: calling\n    litellm_params: {{model: custom_openai/script-1, {where}}}")
    row("calling", "openai", "openai/wall-2", 2)
    return "\n".join(lines)


def config(url: str, resume: str = "text", *, scripted: str = "") -> str:
    return f"""
model_list:
{groups(url, scripted)}
general_settings: {{master_key: {MASTER_KEY}}}
router_settings: {{num_retries: 2, disable_cooldowns: true}}
trunkline: {{resume: {resume}, limits: {{idle: 1, ping_after: 0.6}}}}
"""


@pytest.fixture(scope="module")
def calling() -> Iterator[Scripted]:
    """The provider behind the first deployment of the group `calling`."""
    with Scripted() as provider:
        yield provider


@pytest.fixture(scope="module")
def resuming(fake_server: FakeProvider, calling: Scripted) -> Iterator[Gateway]:
    with Gateway(
        config(fake_server.url, scripted=calling.url), env=provider_environment(fake_server.url, GOOD_KEY)
    ) as gateway:
        yield gateway


@pytest.fixture
def line(resuming: Gateway, fake_provider: FakeProvider) -> Iterator[Line]:
    yield Line(resuming, fake_provider)
    resuming.check_alive()
    assert "Traceback" not in resuming.stderr, resuming.stderr[-4000:]


@dataclass(slots=True)
class Line:
    gateway: Gateway
    fake: FakeProvider

    def ask(self, client: str, model: str, text: str = "Hi", **more: Any) -> Reply:
        scene, _ = CLIENTS[client]
        # A conversation of its own: no other test has made it at home anywhere.
        text = f"{text} nr. {next(SERIAL)}"
        if client == "gemini":
            path = f"/v1beta/models/{model}:streamGenerateContent?alt=sse"
            body: Any = {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}
        else:
            path, body = scene.path, scene.body(text, stream=True, **{"model": model, **more})
            if client == "chat":
                body["stream_options"] = {"include_usage": True}
        return ask(self.gateway.url, path, body, headers=KEY)

    def read(self, client: str, model: str, text: str = "Hi", **more: Any) -> Read:
        """What the official client has in its hands."""
        reply = self.ask(client, model, text, **more)
        self.reply = reply
        assert reply.status == 200, reply.body
        assert not reply.cut
        return READERS[CLIENTS[client][1]](reply.body, True)

    reply: Any = None

    def program(self, first: str, second: str, **fault: Any) -> None:
        """The first deployment says eight words and breaks; the second says the rest."""
        named = FIRST[first].partition("/")[2]
        self.fake.program({"model": named, "long": 8, **fault})
        self.fake.program({"model": SECOND[second].partition("/")[2], "say": "the-rest", "output_tokens": 3})


BROKEN = r"wörd0 ✓🙂 w1 (w2 )?(w3 )?the-rest"


def is_honest_error(body: bytes) -> bool:
    tail = body[-1500:]
    ends = (b"message_stop", b'"finish_reason":"stop"', b"response.completed", b'"done":true', b'"finishReason"')
    return b"error" in tail and not any(end in body for end in ends)


@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_cut_in_words_is_gone_on_from(line: Line, client: str, first: str, second: str) -> None:
    line.program(first, second, cut_after=4)
    read = line.read(client, f"{first}-{second}")
    assert re.fullmatch(BROKEN, read.text), read.text
    assert len(line.fake.talks) == 2
    assert read.stop
    assert read.output >= 5


@pytest.mark.parametrize("fault", ["reset_after", "stall_after", "error_after", "end_after"])
@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("client", CLIENTS)
def test_whatever_breaks_it(line: Line, client: str, first: str, fault: str) -> None:
    line.program(first, "openai", **{fault: 4})
    read = line.read(client, f"{first}-openai")
    # An error in the same packet as the first word comes before the commit point: then nothing was said.
    assert re.fullmatch(rf"{BROKEN}|(wörd0 ✓🙂 )?the-rest" if fault == "error_after" else BROKEN, read.text), read.text
    assert len(line.fake.talks) == 2


@pytest.mark.parametrize("provider", FIRST)
@pytest.mark.parametrize("client", CLIENTS)
def test_the_only_deployment_is_asked_once_more(line: Line, client: str, provider: str) -> None:
    named = FIRST[provider].partition("/")[2]
    line.fake.program({"model": named, "long": 8, "cut_after": 4}, {"model": named, "say": "the-rest"})
    read = line.read(client, provider)
    assert re.fullmatch(BROKEN, read.text), read.text
    assert len(line.fake.talks) == 2


@pytest.mark.parametrize("provider", FIRST)
@pytest.mark.parametrize("client", CLIENTS)
def test_without_retries_it_is_not(line: Line, client: str, provider: str) -> None:
    line.fake.program({"model": FIRST[provider].partition("/")[2], "long": 8, "cut_after": 4})
    reply = line.ask(client, f"{provider}-never")
    assert reply.status == 200
    assert len(line.fake.talks) == 1
    assert is_honest_error(reply.body), reply.body[-600:]


@pytest.mark.parametrize("first", ["anthropic", "openai", "ollama"])
@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_that_was_only_thought_about_begins_anew(line: Line, client: str, first: str) -> None:
    line.program(first, "anthropic", think=True, cut_after=3, slow_ms=5, quirks=["reasoning_content"])
    thinks: dict[str, Any] = {"think": True} if client == "ollama" else {}
    if client == "gemini":
        thinks = {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}}
    read = line.read(client, f"{first}-anthropic", **thinks)
    assert read.text == "the-rest"
    assert read.thinking.startswith("Let me think")
    assert len(line.fake.talks) == 2
    assert len(line.fake.talks[1].json["messages"]) == 1


def test_a_model_that_takes_a_beginning_is_given_one(line: Line) -> None:
    line.fake.program({"model": "wall-1", "long": 8, "cut_after": 4})
    line.fake.program({"model": "clone-1", "say": "the-rest"})
    read = line.read("messages", "clone")
    assert re.fullmatch(BROKEN, read.text), read.text
    last = line.fake.talks[1].json["messages"][-1]
    assert last["role"] == "assistant"
    text = last["content"] if isinstance(last["content"], str) else last["content"][-1]["text"]
    assert text.endswith("w3")


def test_one_that_turns_it_down_is_asked_in_words(line: Line) -> None:
    turned = "This model does not support assistant message prefill. The conversation must end with a user message."
    line.fake.program({"model": "wall-1", "long": 8, "cut_after": 4})
    line.fake.program({"model": "clone-1", "status": 400, "message": turned})
    line.fake.program({"model": "clone-1", "say": "the-rest"})
    read = line.read("messages", "clone")
    assert re.fullmatch(BROKEN, read.text), read.text
    third = line.fake.talks[2].json["messages"]
    assert [turn["role"] for turn in third] == ["user", "assistant", "user"]


@pytest.mark.parametrize("client", CLIENTS)
def test_several_breaks_are_survived_and_every_part_is_in_the_books(line: Line, client: str) -> None:
    line.fake.program({"model": "wall-1", "long": 8, "cut_after": 3, "slow_ms": 5})
    line.fake.program({"model": "wall-2", "long": 9, "reset_after": 2, "slow_ms": 5})
    line.fake.program({"model": "claude-haiku-4-5", "say": "the-rest", "input_tokens": 30, "output_tokens": 3})
    read = line.read(client, "many")
    assert re.fullmatch(r"(wörd0 ✓🙂 )(w1 )?(w2 )?(wörd0 ✓🙂 )?(w1 )?the-rest", read.text), read.text
    made = rows(line.gateway, line.reply.header("x-litellm-call-id") or "", count=3)
    assert [row["outcome"] for row in made] == ["provider_cut", "provider_cut", "ok"]
    assert read.output == sum(row["output"] for row in made)
    assert read.input == made[-1]["input"]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("again", ["wörd0 ✓🙂 w1 w2 w3 the-rest", "rd0 ✓🙂 w1 w2 w3 the-rest", "  the-rest"])
def test_what_is_said_twice_is_read_once(line: Line, client: str, again: str) -> None:
    line.fake.program({"model": "wall-1", "long": 8, "cut_after": 4, "slow_ms": 5})
    line.fake.program({"model": "wall-2", "say": again})
    assert line.read(client, "many").text == "wörd0 ✓🙂 w1 w2 w3 the-rest"


def test_the_log_says_why(line: Line) -> None:
    line.program("openai", "anthropic", cut_after=4)
    line.read("chat", "openai-anthropic")
    told = f"id={line.reply.header('x-litellm-call-id')}"
    until(lambda: "resumed after" in "".join(one for one in line.gateway.stderr.splitlines() if told in one))


@pytest.mark.parametrize("client", CLIENTS)
def test_pings_go_on_while_the_next_one_is_awaited_and_who_hangs_up_ends_it(line: Line, client: str) -> None:
    line.fake.program({"model": "wall-1", "long": 8, "cut_after": 4, "slow_ms": 5})
    line.fake.program({"model": "wall-2", "say": "the-rest", "delay": 30})
    scene, _ = CLIENTS[client]
    path, body = scene.path, scene.body("Hi", stream=True, model="many")
    if client == "gemini":
        path = "/v1beta/models/many:streamGenerateContent?alt=sse"
        body = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    with streaming(line.gateway.url, path, body, headers=KEY) as answer:
        ident = answer.headers["x-litellm-call-id"]
        while b"w3" not in answer.read1():
            pass
        line.fake.wait_for(lambda fake: len(fake.talks) == 2)
    line.fake.wait_for(lambda fake: fake.talks[1].gone)
    made = rows(line.gateway, ident, count=2)
    assert [row["outcome"] for row in made] == ["provider_cut", "client_gone"]


def test_a_prompt_of_ollamas_goes_on_as_a_chat(line: Line) -> None:
    line.fake.program({"model": "qwen3:8b", "long": 8, "cut_after": 4, "slow_ms": 5})
    line.fake.program({"model": "qwen3:8b", "say": "the-rest"})
    reply = ask(line.gateway.url, GENERATE.path, GENERATE.body("Hi", stream=True, model="ollama"), headers=KEY)
    lines = [json.loads(one) for one in reply.body.splitlines()]
    assert re.fullmatch(BROKEN, "".join(one["response"] for one in lines))
    assert lines[-1]["done"] is True
    assert line.fake.talks[1].path == "/api/chat"


@pytest.mark.parametrize("client", CLIENTS)
def test_what_may_not_be_resumed_is_not(fake_server: FakeProvider, fake_provider: FakeProvider, client: str) -> None:
    text = config(fake_server.url, "off")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        line = Line(gateway, fake_provider)
        line.program("openai", "openai", cut_after=4)
        reply = line.ask(client, "openai-openai")
        assert len(fake_provider.talks) == 1
        assert is_honest_error(reply.body)


def test_thinking_between_tags_is_closed_before_the_answer_begins(line: Line) -> None:
    line.program("openai", "anthropic", think=True, cut_after=3, slow_ms=5, quirks=["thinktag"])
    text = line.read("chat", "openai-anthropic").text
    assert re.fullmatch(r"<think>\s*Let me think.*\n</think>\n\nthe-rest", text, re.DOTALL), text


@pytest.mark.parametrize("resume", ["text", "always"])
def test_a_raw_prompt_is_asked_from_the_start_if_that_is_wished(
    fake_server: FakeProvider, fake_provider: FakeProvider, resume: str
) -> None:
    text = config(fake_server.url, resume)
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        fake_provider.program({"model": "qwen3:8b", "long": 8, "cut_after": 4, "slow_ms": 5})
        fake_provider.program({"model": "qwen3:8b", "say": "wörd0 ✓🙂 w1 w2 w3 the-rest"})
        body = GENERATE.body("Hi", stream=True, model="ollama", raw=True)
        reply = ask(gateway.url, GENERATE.path, body, headers=KEY)
    lines = [json.loads(one) for one in reply.body.splitlines()]
    if resume == "always":
        assert "".join(one["response"] for one in lines) == "wörd0 ✓🙂 w1 w2 w3 the-rest"
    else:
        assert "error" in lines[-1]
        assert len(fake_provider.talks) == 1


@pytest.mark.parametrize("model", ["openai-gemini", "openai-never"])
def test_a_gemini_array_stays_an_array(line: Line, model: str) -> None:
    line.program("openai", "gemini", cut_after=4, slow_ms=5)
    body = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    reply = ask(line.gateway.url, f"/v1beta/models/{model}:streamGenerateContent", body, headers=KEY)
    chunks = json.loads(reply.body)
    if model == "openai-never":
        assert chunks[-1]["error"]["message"]
        return
    parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    assert re.fullmatch(BROKEN, "".join(part["text"] for part in parts))


def test_a_form_is_given_up_for_the_rest(line: Line) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    line.fake.program({"model": "wall-1", "say": "ten words or so, enough to be cut", "cut_after": 3, "slow_ms": 5})
    line.fake.program({"model": "wall-2", "say": "the-rest"})
    line.read("chat", "openai-openai", "Hi LONG=8", response_format=form, max_completion_tokens=500)
    first, second = (seen.json for seen in line.fake.talks)
    assert first["response_format"] == form
    assert "response_format" not in second
    assert "JSON" in second["messages"][-1]["content"]
    assert 450 < second["max_completion_tokens"] < 500
    assert second["messages"][: len(first["messages"])] == first["messages"]


@pytest.mark.parametrize("more", [{"n": 2}, {"logprobs": True}], ids=["n", "logprobs"])
def test_what_words_alone_cannot_go_on_with_ends_honestly(line: Line, more: dict[str, Any]) -> None:
    line.fake.program({"model": "wall-1", "long": 8, "cut_after": 4})
    reply = line.ask("chat", "openai-openai", **more)
    assert len(line.fake.talks) == 1
    assert is_honest_error(reply.body)


def test_streams_that_were_gone_on_with_are_counted(line: Line) -> None:
    def counted() -> float:
        page = ask(line.gateway.url, "/metrics", headers=KEY).body.decode()
        return sum(
            float(row.rpartition(" ")[2]) for row in page.splitlines() if row.startswith("trunkline_resumes_total{")
        )

    before = counted()
    line.program("openai", "anthropic", cut_after=4)
    line.ask("chat", "openai-anthropic")
    until(lambda: counted() == before + 1, what="for the counter")
