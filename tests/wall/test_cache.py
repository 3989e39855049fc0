"""An answer that was given is given again: as it was, to whom it was given, for nothing; and asked for once by many."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import Reply, ask, until, waiting
from tests.wall.hearing import hear
from tests.wall.scenes import (
    ALL,
    CHAT,
    COMPLETIONS,
    FOUR,
    KEY,
    MESSAGES,
    OLLAMA,
    RESPONSES,
    Scene,
    config,
    name_of,
    rows,
)

_TOOL = {"name": "look", "description": "Looks.", "input_schema": {"type": "object", "properties": {}}}
_FUNCTION = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


def cached(fake: FakeProvider, *, params: str = "", own: str = "{}") -> str:
    rows = f"""
  - model_name: gemini-wall
    litellm_params: {{model: gemini/gemini-3.8-flash, api_base: "{fake.url}/v1beta", api_key: os.environ/FAKE_KEY}}
  - model_name: embed-wall
    litellm_params: {{model: openai/embed-1, api_base: "{fake.url}/v1", api_key: os.environ/FAKE_KEY}}
"""
    settings = f"litellm_settings: {{cache: true, cache_params: {{type: local{params}}}}}\ntrunkline: {{cache: {own}}}"
    return config(fake.url, more=settings, rows=rows)


@pytest.fixture(scope="module")
def _gateway(fake_server: FakeProvider) -> Iterator[Gateway]:
    with Gateway(cached(fake_server), env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.fixture
def gateway(_gateway: Gateway, fake_provider: FakeProvider) -> Gateway:
    return _gateway


def put(gateway: Gateway, scene: Scene, text: str, *, stream: bool = False, head: Any = None, **more: Any) -> Reply:
    headers = {**KEY, **(head or {})}
    return ask(gateway.url, scene.path, scene.body(text, stream=stream, **more), headers=headers)


def how(reply: Reply) -> str | None:
    return reply.header("x-trunkline-cache")


# Hits, on every wire.


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scene", ALL, ids=name_of)
def test_the_second_of_two_equal_calls_is_answered_from_here(
    gateway: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    text = f"SAY=once-{scene.name}-{stream} THINK"
    first = put(gateway, scene, text, stream=stream)
    asked = len(fake_provider.talks)
    second = put(gateway, scene, text, stream=stream)
    assert (first.status, second.status) == (200, 200)
    assert (how(first), how(second)) == ("miss", "hit")
    assert second.body == first.body
    assert len(fake_provider.talks) == asked == 1
    assert second.header("content-type") == first.header("content-type")
    assert second.header("x-litellm-response-cost") == "0"
    assert second.header("x-litellm-cache-key") and first.header("x-litellm-cache-key") is None
    assert second.header("age") == "0"
    assert second.header("x-trunkline-route") == "cache"
    assert second.header("x-litellm-call-id") not in (None, first.header("x-litellm-call-id"))
    assert second.header("x-litellm-model-id") == first.header("x-litellm-model-id")


@pytest.mark.parametrize(("model", "sse"), [("gemini-wall", "?alt=sse"), ("qwen-wall", "")], ids=["sse", "array"])
def test_gemini_streams_are_told_again_as_they_were(
    gateway: Gateway, fake_provider: FakeProvider, model: str, sse: str
) -> None:
    path = f"/v1beta/models/{model}:streamGenerateContent{sse}"
    body = {"contents": [{"role": "user", "parts": [{"text": "SAY=gem"}]}]}
    first, second = (ask(gateway.url, path, body, headers=KEY) for _ in range(2))
    assert (how(first), how(second), second.body) == ("miss", "hit", first.body)
    assert second.header("content-type") == first.header("content-type")
    whole = ask(gateway.url, f"/v1beta/models/{model}:generateContent", body, headers=KEY)
    assert how(whole) == "miss"


def test_embeddings_are_kept(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = {"model": "embed-wall", "input": ["one", "two"]}
    first, second = (ask(gateway.url, "/v1/embeddings", body, headers=KEY) for _ in range(2))
    assert (how(first), how(second), second.body) == ("miss", "hit", first.body)


def test_an_answer_that_crossed_is_told_again(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = {**MESSAGES.body("SAY=crossed", stream=True), "model": "qwen-wall"}
    first, second = (ask(gateway.url, MESSAGES.path, body, headers=KEY) for _ in range(2))
    assert (how(first), how(second), second.body) == ("miss", "hit", first.body)
    assert hear(MESSAGES, second, stream=True).text == "crossed"


def test_a_stream_never_serves_a_whole_answer(gateway: Gateway, fake_provider: FakeProvider) -> None:
    assert how(put(gateway, CHAT, "SAY=apart", stream=True)) == "miss"
    whole = put(gateway, CHAT, "SAY=apart")
    assert how(whole) == "miss"
    assert whole.json["choices"][0]["message"]["content"] == "apart"


def test_a_hit_has_a_row_that_cost_nothing_and_is_told(gateway: Gateway, fake_provider: FakeProvider) -> None:
    first, second = (put(gateway, CHAT, "SAY=told", head={"x-session-id": "told"}) for _ in range(2))
    (paid,) = rows(gateway, first.header("x-litellm-call-id") or "")
    known = second.header("x-litellm-call-id") or ""
    until(lambda: f"id={known} asked=gpt-wall cache=hit age=0 cost=0 key=master" in gateway.logs, what="for the line")
    (row,) = rows(gateway, known)
    assert (row["provider"], row["deployment"], row["model"], row["stop"]) == ("trunkline", "cache", "wall-1", "stop")
    assert (row["billed_nano"], row["value_nano"], row["input"], row["output"], row["priced"]) == (0, 0, 0, 0, 1)
    assert (row["outcome"], row["key"], row["session"]) == ("ok", "master", "told")
    logs = ask(gateway.url, f"/spend/logs?request_id={known}", headers=KEY, method="GET").json
    assert [(each["cache_hit"], each["spend"], each["status"]) for each in logs] == [("True", 0, "success")]
    logs = ask(gateway.url, f"/spend/logs?request_id={paid['request']}", headers=KEY, method="GET").json
    assert [each["cache_hit"] for each in logs] == ["False"]
    story = ask(gateway.url, f"/requests/{known}", headers=KEY, method="GET").json
    assert (story["totals"]["cost"], story["outcome"], story["attempts"][0]["deployment"]) == ("0", "ok", "cache")
    assert any("No provider was asked: an answer that was kept 0 s ago" in line for line in story["told"])
    page = ask(gateway.url, "/metrics", headers=KEY).body.decode()
    lines = [line for line in page.splitlines() if line.startswith("trunkline_cache_")]
    assert any('lookups_total{operation="chat",result="hit"}' in line for line in lines)
    assert any('saved_dollars_total{operation="chat",result="hit"}' in line for line in lines)
    assert 'trunkline_requests_total{key="master",model="gpt-wall",operation="chat",status="200"}' in page


@pytest.mark.parametrize("scene", [CHAT, COMPLETIONS], ids=name_of)
def test_a_stream_that_tells_its_cost_tells_none_when_it_is_told_again(
    gateway: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    asks: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    first, second = (put(gateway, scene, f"SAY=dear-{scene.name} IN=7 OUT=2", **asks) for _ in range(2))
    assert (how(first), how(second)) == ("miss", "hit")
    assert b'"cost":0.000011}' in first.body
    assert second.body == first.body.replace(b'"cost":0.000011}', b'"cost":0}')


def test_who_asks_does_not_matter_but_what_is_asked_does(gateway: Gateway, fake_provider: FakeProvider) -> None:
    put(gateway, CHAT, "SAY=mine", user="ada", metadata={"a": 1})
    assert how(put(gateway, CHAT, "SAY=mine", user="bob", prompt_cache_key="k")) == "hit"
    for more in ({"temperature": 0.5}, {"max_tokens": 9}, {"stop": ["x"]}, {"n": 1}):
        assert how(put(gateway, CHAT, "SAY=mine", **more)) == "miss", more
    assert how(put(gateway, CHAT, "SAY=mine", head={"openai-beta": "x"})) == "miss"
    # Responses tell such members again, so there they count.
    put(gateway, RESPONSES, "SAY=mine", metadata={"a": "1"})
    assert how(put(gateway, RESPONSES, "SAY=mine", metadata={"a": "2"})) == "miss"


# What a request asks of the cache.


def test_an_answer_is_kept_for_its_ttl(gateway: Gateway, fake_provider: FakeProvider) -> None:
    asked: Any = {"cache": {"ttl": 0.6}}
    assert how(put(gateway, MESSAGES, "SAY=brief", **asked)) == "miss"
    assert how(put(gateway, MESSAGES, "SAY=brief", **asked)) == "hit"
    time.sleep(0.7)
    assert how(put(gateway, MESSAGES, "SAY=brief", **asked)) == "miss"


@pytest.mark.parametrize(
    ("body", "head"),
    [({"cache": {"no-cache": True}}, {}), ({}, {"cache-control": "no-cache"}), ({}, {"cache-control": "max-age=0"})],
    ids=["member", "header", "age"],
)
def test_a_fresh_answer_replaces_the_kept_one(
    gateway: Gateway, fake_provider: FakeProvider, body: Any, head: Any
) -> None:
    text = f"fresh {body} {head}"
    fake_provider.program({"say": "one"}, {"say": "two"})
    assert how(put(gateway, CHAT, text)) == "miss"
    time.sleep(0.01)
    fresh = put(gateway, CHAT, text, head=head, **body)
    assert how(fresh) == "miss"
    again = put(gateway, CHAT, text)
    assert (how(again), again.body) == ("hit", fresh.body)
    assert b"two" in again.body
    assert all("cache" not in seen.json for seen in fake_provider.talks), "`cache` is ours, not the provider's"


@pytest.mark.parametrize(
    ("body", "head"),
    [({"cache": {"no-store": True}}, {}), ({}, {"cache-control": "no-store"}), ({"cache": {"ttl": 0}}, {})],
    ids=["member", "header", "ttl"],
)
def test_an_answer_that_is_not_to_be_kept_is_not(
    gateway: Gateway, fake_provider: FakeProvider, body: Any, head: Any
) -> None:
    text = f"SAY=gone {body} {head}"
    assert how(put(gateway, CHAT, text, head=head, **body)) is None
    assert how(put(gateway, CHAT, text)) == "miss"
    assert how(put(gateway, CHAT, text, head=head, **body)) == "hit"


def test_namespaces_keep_answers_apart(gateway: Gateway, fake_provider: FakeProvider) -> None:
    assert how(put(gateway, CHAT, "SAY=ns", cache={"namespace": "a"})) == "miss"
    assert how(put(gateway, CHAT, "SAY=ns", cache={"namespace": "b"})) == "miss"
    assert how(put(gateway, CHAT, "SAY=ns")) == "miss"
    assert how(put(gateway, CHAT, "SAY=ns", cache={"namespace": "a"})) == "hit"


@pytest.mark.parametrize("wrong", [True, [], {"ttl": -1}, {"ttl": "soon"}, {"namespace": 3}], ids=str)
def test_what_makes_no_sense_is_refused(gateway: Gateway, fake_provider: FakeProvider, wrong: Any) -> None:
    reply = put(gateway, CHAT, "Hi", cache=wrong)
    assert reply.status == 400
    assert "cache" in reply.message
    assert not fake_provider.talks


def test_without_a_cache_the_member_is_still_ours(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = put(wall, CHAT, "SAY=none", cache={"ttl": 5})
    assert (reply.status, how(reply)) == (200, None)
    assert "cache" not in fake_provider.talks[0].json


# What is not kept.


_UNCLEAN = [(words, stream) for words in ("ERR=500", "ERR=429", "CUT=2", "STOP=refusal") for stream in (False, True)]


@pytest.mark.parametrize(("words", "stream"), [*_UNCLEAN, ("ERRMID=2", True), ("GARBLE=2", True)])
@pytest.mark.parametrize("scene", [MESSAGES, CHAT], ids=name_of)
def test_what_is_not_a_clean_answer_is_not_kept(
    gateway: Gateway, fake_provider: FakeProvider, scene: Scene, words: str, stream: bool
) -> None:
    text = f"{words} LONG=8 unclean-{scene.name}-{stream} TIMES=1"
    put(gateway, scene, text, stream=stream)
    until(lambda: fake_provider.talks)
    deadline = time.monotonic() + 5
    while (reply := put(gateway, scene, text, stream=stream)).status != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert how(reply) == "miss"


@pytest.mark.parametrize(
    ("scene", "more", "kept"),
    [
        (MESSAGES, {"tools": [_TOOL]}, False),
        (CHAT, {"tools": [_FUNCTION]}, False),
        (CHAT, {"tools": []}, True),
        (CHAT, {"store": True}, False),
        (RESPONSES, {"store": True}, False),
        (RESPONSES, {"store": False}, True),
        (RESPONSES, {"background": False}, True),
    ],
    ids=["tools", "functions", "no tools", "store", "store responses", "no store", "no background"],
)
def test_streams_with_tools_and_what_is_stored_elsewhere(
    gateway: Gateway, fake_provider: FakeProvider, scene: Scene, more: Any, kept: bool
) -> None:
    text = f"SAY=some {more}"
    assert how(put(gateway, scene, text, stream=True, **more)) == ("miss" if kept else None)
    assert how(put(gateway, scene, text, stream=True, **more)) == ("hit" if kept else None)


def test_a_whole_answer_with_calls_is_kept(gateway: Gateway, fake_provider: FakeProvider) -> None:
    first, second = (put(gateway, MESSAGES, "TOOL", tools=[_TOOL]) for _ in range(2))
    assert (how(second), second.body) == ("hit", first.body)
    assert first.json["stop_reason"] == "tool_use"


def test_an_answer_that_is_too_large_is_told_but_not_kept(gateway: Gateway, fake_provider: FakeProvider) -> None:
    text = "BIG=1500000"
    first, second = (put(gateway, CHAT, text, stream=True) for _ in range(2))
    assert (how(first), how(second)) == ("miss", "miss")
    assert len(first.body) > 1_500_000


def test_counts_are_never_kept(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = MESSAGES.body("count")
    body.pop("max_tokens")
    replies = [ask(gateway.url, "/v1/messages/count_tokens", body, headers=KEY) for _ in range(2)]
    assert [how(reply) for reply in replies] == [None, None]


# Settings.


def test_only_who_asks_for_it_is_answered_from_here(fake_provider: FakeProvider) -> None:
    text = cached(fake_provider, params=", mode: default_off, supported_call_types: [acompletion]")
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        assert [how(put(gateway, CHAT, "SAY=off")) for _ in range(2)] == [None, None]
        wanted: Any = {"cache": {"use-cache": True}}
        assert [how(put(gateway, CHAT, "SAY=off", **wanted)) for _ in range(2)] == ["miss", "hit"]
        assert [how(put(gateway, COMPLETIONS, "SAY=off", **wanted)) for _ in range(2)] == [None, None]
        assert [how(put(gateway, RESPONSES, "SAY=off", **wanted)) for _ in range(2)] == [None, None]


def test_streams_with_tools_are_kept_where_that_is_wanted(fake_provider: FakeProvider) -> None:
    text = cached(fake_provider, own="{streamed_tools: true, bytes: 20000, entry: 9000}")
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        first, second = (put(gateway, MESSAGES, "TOOL", stream=True, tools=[_TOOL]) for _ in range(2))
        assert (how(second), second.body) == ("hit", first.body)
        for number in range(12):
            put(gateway, CHAT, f"LONG=20 {number}", stream=True)
        assert how(put(gateway, MESSAGES, "TOOL", stream=True, tools=[_TOOL])) == "miss", "others have displaced it"


def _key(gateway: Gateway, **body: Any) -> dict[str, str]:
    """The headers of a new virtual key."""
    made = ask(gateway.url, "/key/generate", body, headers=KEY)
    assert made.status == 200, made.body
    return {"authorization": f"Bearer {made.json['key']}"}


def test_two_keys_do_not_see_each_others_answers(gateway: Gateway, fake_provider: FakeProvider) -> None:
    ada, bob = _key(gateway), _key(gateway)
    assert [how(put(gateway, CHAT, "SAY=keys", head=ada)) for _ in range(2)] == ["miss", "hit"]
    assert how(put(gateway, CHAT, "SAY=keys", head=bob)) == "miss"
    assert how(put(gateway, CHAT, "SAY=keys")) == "miss"


def test_a_hit_takes_nothing_from_a_keys_minute_or_budget(gateway: Gateway, fake_provider: FakeProvider) -> None:
    few = _key(gateway, rpm_limit=1, max_budget=0.001)
    assert how(put(gateway, CHAT, "SAY=few", head=few, max_tokens=2)) == "miss"
    hits = [put(gateway, CHAT, "SAY=few", head=few, max_tokens=2) for _ in range(3)]
    assert [(how(hit), hit.header("x-ratelimit-remaining-requests")) for hit in hits] == [("hit", "0")] * 3
    assert put(gateway, CHAT, "SAY=another", head=few, max_tokens=2).status == 429


def test_shared_answers_are_for_keys_that_may_use_the_model(fake_provider: FakeProvider) -> None:
    text = cached(fake_provider, own="{shared: true}")
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        ada, bob, eve = _key(gateway), _key(gateway), _key(gateway, models=["claude-wall"])
        assert how(put(gateway, CHAT, "SAY=shared", head=ada)) == "miss"
        assert how(put(gateway, CHAT, "SAY=shared", head=bob)) == "hit"
        refused = put(gateway, CHAT, "SAY=shared", head=eve)
        assert (refused.status, how(refused)) == (403, None)
        assert put(gateway, CHAT, "SAY=shared", head={"authorization": "Bearer sk-nobody"}).status == 401


def test_two_callers_do_not_see_each_others_answers() -> None:
    """Two keys: here a caller's own key at the provider tells them apart."""
    with (
        FakeProvider(keys=None) as fake,
        Gateway(
            cached(fake).replace("trunkline: {", "trunkline: {client_keys: allow, "),
            env=provider_environment(fake.url, GOOD_KEY),
        ) as gateway,
    ):
        ada, bob = ({"x-litellm-api-key": f"sk-fake-{name}"} for name in ("ada", "bob"))
        assert [how(put(gateway, CHAT, "SAY=secret", head=ada)) for _ in range(2)] == ["miss", "hit"]
        assert how(put(gateway, CHAT, "SAY=secret", head=bob)) == "miss"
        assert how(put(gateway, CHAT, "SAY=secret")) == "miss"


# Many at once.


@dataclass
class Crowd:
    """Equal calls that are made at the same time, each over a connection of its own."""

    gateway: Gateway
    scene: Scene
    body: Any

    def ask(self, count: int) -> list[Reply]:
        together = threading.Barrier(count)

        def one(_: int) -> Reply:
            together.wait()
            return ask(self.gateway.url, self.scene.path, self.body, headers=KEY, timeout=30)

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_twenty_equal_calls_at_once_are_one_to_the_provider(
    gateway: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    body = scene.body(f"{'SLOW=30' if stream else 'DELAY=0.5'} LONG=20 crowd-{scene.name}-{stream}", stream=stream)
    replies = Crowd(gateway, scene, body).ask(20)
    assert len(fake_provider.talks) == 1
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert all(hear(scene, reply, stream=stream).clean for reply in replies)
    assert sorted(str(how(reply)) for reply in replies) == ["joined"] * 19 + ["miss"]
    assert len({reply.header("x-litellm-call-id") for reply in replies}) == 20
    joined = next(reply for reply in replies if how(reply) == "joined")
    assert joined.header("x-litellm-response-cost") == "0"
    assert joined.header("x-trunkline-route") != "cache"
    (row,) = rows(gateway, joined.header("x-litellm-call-id") or "")
    first = next(reply.header("x-litellm-call-id") for reply in replies if how(reply) == "miss")
    assert (row["deployment"], row["billed_nano"], row["outcome"]) == ("cache", 0, "ok")
    assert f"the answer to request {first}" in row["why"]


def test_who_joins_a_stream_pays_nothing_and_is_told_so(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = CHAT.body("LONG=8 SLOW=30 IN=7 OUT=2 joint", stream=True, stream_options={"include_usage": True})
    replies = Crowd(gateway, CHAT, body).ask(3)
    told = {how(reply): reply.body.partition(b'"cost":')[2].partition(b"}")[0] for reply in replies}
    assert told == {"miss": b"0.000011", "joined": b"0"}
    assert len(fake_provider.talks) == 1


def test_who_joins_late_gets_all_from_the_beginning_as_it_comes(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = CHAT.body("LONG=8 SLOW=250 late", stream=True)
    first = waiting(gateway.url, CHAT.path, body, KEY)
    got = b""
    while b"w5 " not in got:
        got += first.recv(65536)
    began = time.monotonic()
    second = waiting(gateway.url, CHAT.path, body, KEY)
    early = b""
    while b"w4 " not in early:
        early += second.recv(65536)
    assert time.monotonic() - began < 1, "what was said already is there at once, not a quarter of a second apart"
    assert b"w1 " in early
    while b"[DONE]" not in got:
        got += first.recv(65536)
    while b"[DONE]" not in early:
        early += second.recv(65536)
    first.close()
    second.close()
    assert len(fake_provider.talks) == 1


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_the_others_are_answered_when_the_first_goes_away(
    gateway: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    body = scene.body(f"LONG=20 SLOW=40 left-{scene.name}", stream=True)
    first = waiting(gateway.url, scene.path, body, KEY)
    got = b""
    while b"w2 " not in got:
        got += first.recv(65536)
    with ThreadPoolExecutor(3) as pool:
        others = [pool.submit(ask, gateway.url, scene.path, body, headers=KEY) for _ in range(3)]
        time.sleep(0.15)
        first.close()
        replies = [each.result() for each in others]
    assert len(fake_provider.talks) == 1
    assert not fake_provider.talks[0].gone
    assert [how(reply) for reply in replies] == ["joined"] * 3
    for reply in replies:
        heard = hear(scene, reply, stream=True)
        assert heard.clean
        assert heard.text.endswith("w19 ")
    assert how(ask(gateway.url, scene.path, body, headers=KEY)) == "hit"


def test_when_all_have_gone_the_provider_is_let_go(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = CHAT.body("LONG=1000 SLOW=20 deserted", stream=True)
    wires = [waiting(gateway.url, CHAT.path, body, {**KEY, "x-session-id": "deserted"}) for _ in range(3)]
    for wire in wires:
        got = b""
        while b"w2 " not in got:
            got += wire.recv(65536)
    for wire in wires:
        wire.close()
    fake_provider.wait_for(lambda fake: fake.talks[0].ended is not None, within=2)
    assert fake_provider.talks[0].gone
    assert len(fake_provider.talks) == 1
    until(lambda: "outcome=client_gone" in gateway.logs.partition("session=deserted")[0][-600:], what="for the row")


def test_when_the_first_fails_the_others_ask_one_after_another(gateway: Gateway, fake_provider: FakeProvider) -> None:
    # The first two fail; whoever comes third answers all that are left.
    fake_provider.program({"status": 400, "delay": 0.3, "times": 2}, {"say": "well", "delay": 0.3, "times": -1})
    replies = Crowd(gateway, CHAT, CHAT.body("first fails", stream=True)).ask(8)
    assert sorted(reply.status for reply in replies) == [200] * 6 + [400] * 2
    assert len(fake_provider.talks) == 3
    ends = [(seen.arrived, seen.ended) for seen in fake_provider.talks]
    assert all(later[0] >= (earlier[1] or 0) - 0.05 for earlier, later in pairwise(ends))
    assert sorted(str(how(reply)) for reply in replies if reply.status == 200) == ["joined"] * 5 + ["miss"]


def test_when_all_fail_none_waits_for_all_the_others(gateway: Gateway, fake_provider: FakeProvider) -> None:
    fake_provider.program({"status": 400, "delay": 0.3, "times": -1})
    began = time.monotonic()
    replies = Crowd(gateway, CHAT, CHAT.body("all fail", stream=True)).ask(12)
    assert {reply.status for reply in replies} == {400}
    assert time.monotonic() - began < 2.4, "four rounds of 0.3 s, not twelve"


def test_when_it_breaks_in_the_middle_all_are_told(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = MESSAGES.body("LONG=20 SLOW=40 CUT=12 broken", stream=True)
    replies = Crowd(gateway, MESSAGES, body).ask(5)
    heard = [hear(MESSAGES, reply, stream=True) for reply in replies]
    assert len(fake_provider.talks) == 1
    assert all(each.error and not each.clean and "w5 " in each.text for each in heard)
    assert len({each.text for each in heard}) == 1
    first = next(reply for reply in replies if how(reply) == "miss")
    (row,) = rows(gateway, first.header("x-litellm-call-id") or "")
    assert row["outcome"] == "provider_cut"


def test_a_slow_reader_does_not_hold_up_the_others(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = MESSAGES.body("LONG=30000 unhurried", stream=True, max_tokens=100000)
    slow = waiting(gateway.url, MESSAGES.path, body, KEY)
    until(lambda: fake_provider.talks)
    quick = ask(gateway.url, MESSAGES.path, body, headers=KEY, timeout=60)
    assert hear(MESSAGES, quick, stream=True).clean
    got = bytearray()
    while b"message_stop" not in got[-300:]:
        piece = slow.recv(1 << 20)
        assert piece
        got += piece
    slow.close()
    assert got.count(b"text_delta") == 30000


def test_a_fresh_answer_joins_nobody(gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = OLLAMA.body("LONG=10 SLOW=40 alone", stream=True)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, gateway.url, OLLAMA.path, body, headers=KEY)
        until(lambda: fake_provider.talks)
        second = pool.submit(ask, gateway.url, OLLAMA.path, {**body, "cache": {"no-cache": True}}, headers=KEY)
        assert [how(first.result()), how(second.result())] == ["miss", "miss"]
    assert len(fake_provider.talks) == 2


def test_who_joined_is_kept_company_and_told_when_the_gateway_ends(fake_provider: FakeProvider) -> None:
    text = cached(fake_provider).replace("trunkline: {", "trunkline: {ping_after: 0.3, limits: {drain: 0.3}, ")
    body = MESSAGES.body("HUSH=1 SAY=quiet", stream=True)
    with (
        Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway,
        ThreadPoolExecutor(3) as pool,
    ):
        replies = Crowd(gateway, MESSAGES, body).ask(3)
        assert len(fake_provider.talks) == 1
        for reply in replies:
            heard = hear(MESSAGES, reply, stream=True)
            assert (heard.clean, heard.text) == (True, "quiet")
        again = ask(gateway.url, MESSAGES.path, body, headers=KEY)
        assert how(again) == "hit"
        # What keeps a client company is no part of the answer; the provider's own pings are.
        pings = [reply.body.count(b"event: ping") for reply in (again, *replies)]
        assert all(count > pings[0] for count in pings[1:])
        endless = MESSAGES.body("LONG=1000 SLOW=20", stream=True)
        riding = [pool.submit(ask, gateway.url, MESSAGES.path, endless, headers=KEY) for _ in range(3)]
        until(lambda: len(fake_provider.talks) == 2)
        time.sleep(0.3)
        gateway.stop()
        for each in riding:
            assert "shutting down" in hear(MESSAGES, each.result(), stream=True).error
    assert "outcome=draining" in gateway.logs
    assert fake_provider.talks[1].gone
