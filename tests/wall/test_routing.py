"""Each rule of docs/routing.md, over real sockets: who is asked, how often, after which wait, and who rests."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, quickest
from tests.wall.asking import Reply, ask, until, waiting
from tests.wall.scenes import CHAT, KEY, MESSAGES, Scene, name_of, rows
from tests.wall.scripted import Scripted, whole

ENV = {"FAKE_KEY": GOOD_KEY, "DEAD_KEY": "sk-dead-key-1"}


def row(name: str, model: str, url: str, **more: Any) -> str:
    """One deployment of OpenAI's kind; `more` are its `litellm_params`."""
    params = {"model": f"openai/{model}", "api_base": f"{url}/v1", "api_key": "os.environ/FAKE_KEY", **more}
    return f"  - {{model_name: {name}, litellm_params: {json.dumps(params)}}}"


@contextmanager
def gateway(
    *models: str, router: dict[str, Any] | None = None, more: str = "", env: Mapping[str, str] | None = None
) -> Iterator[Gateway]:
    lines = ["model_list:", *models, f"router_settings: {json.dumps(router or {})}"]
    lines += ["general_settings: {master_key: sk-test-master-1234}", more]
    with Gateway("\n".join(lines), env={**ENV, **(env or {})}) as running:
        yield running


def call(running: Gateway, model: str, text: str = "SAY=fine", scene: Scene = CHAT, **more: Any) -> Reply:
    headers = {**KEY, **more.pop("headers", {})}
    return ask(running.url, scene.path, scene.body(text, model=model, **more), headers=headers, timeout=40)


def asked(fake: FakeProvider) -> list[str]:
    return [seen.json["model"] for seen in fake.talks]


def test_a_wait_that_is_asked_for_is_waited_and_the_same_asked_again(fake_provider: FakeProvider) -> None:
    with gateway(row("m", "wall-1", fake_provider.url)) as running:
        fake_provider.program({"status": 429, "retry_after": "1"})
        begun = time.monotonic()
        reply = call(running, "m")
        assert reply.status == 200
        assert 1 <= time.monotonic() - begun < 5
        assert asked(fake_provider) == ["wall-1"] * 2
        assert reply.header("x-litellm-attempted-retries") == "1"
        assert reply.header("x-litellm-attempted-fallbacks") == "0"


def test_a_long_wait_is_the_clients_and_he_is_told_it(fake_provider: FakeProvider) -> None:
    with gateway(row("m", "wall-1", fake_provider.url)) as running:
        fake_provider.program({"status": 429, "retry_after": "90"})
        reply = call(running, "m")
        assert (reply.status, reply.header("retry-after")) == (429, "90")
        assert len(fake_provider.talks) == 1


def test_written_retries_come_before_the_fallback_and_are_spaced(fake_provider: FakeProvider) -> None:
    models = row("m", "wall-1", fake_provider.url), row("n", "wall-2", fake_provider.url)
    with gateway(*models, router={"num_retries": 2, "fallbacks": [{"m": ["n"]}]}) as running:
        fake_provider.program({"status": 500, "model": "wall-1", "times": -1})
        begun = time.monotonic()
        reply = call(running, "m")
        assert asked(fake_provider) == ["wall-1"] * 3 + ["wall-2"]
        assert 1.0 < time.monotonic() - begun < 6
        assert reply.header("x-litellm-attempted-retries") == "2"
        assert reply.header("x-litellm-attempted-fallbacks") == "1"
        assert reply.header("x-litellm-model-group") == "n"


def test_a_request_brings_its_own_rules_and_they_are_not_sent_on(fake_provider: FakeProvider) -> None:
    models = [row(name, f"wall-{at}", fake_provider.url) for at, name in enumerate("abc")]
    with gateway(*models, router={"fallbacks": [{"a": ["b"]}], "num_retries": 0}) as running:
        fake_provider.program({"status": 500, "model": "wall-0", "times": -1})
        assert call(running, "a", fallbacks=["c"], num_retries=1, timeout=20).status == 200
        assert asked(fake_provider) == ["wall-0", "wall-0", "wall-2"]
        for seen in fake_provider.requests:
            assert not {"fallbacks", "num_retries", "timeout"} & seen.json.keys()
        fake_provider.reset()
        fake_provider.program({"status": 500, "model": "wall-0", "times": -1})
        assert call(running, "a", disable_fallbacks=True, headers={"x-litellm-num-retries": "0"}).status == 500
        assert asked(fake_provider) == ["wall-0"]
        refused = call(running, "a", fallbacks="c")
        assert refused.status == 400
        assert "fallbacks" in refused.message


def test_a_requests_time_out_counts(fake_provider: FakeProvider) -> None:
    with gateway(row("m", "wall-1", fake_provider.url)) as running:
        begun = time.monotonic()
        reply = call(running, "m", "DELAY=9", headers={"x-litellm-timeout": "0.6"}, stream=True)
        assert reply.status == 504
        assert time.monotonic() - begun < 6, "not until the provider answers"
        assert "0.6 s" in reply.message


@pytest.mark.parametrize("stream", [False, True])
def test_a_refused_prompt_is_passed_on_after_one_attempt_or_takes_its_own_fallback(
    fake_provider: FakeProvider, stream: bool
) -> None:
    models = [row(name, f"wall-{at}", fake_provider.url) for at, name in enumerate("abc")]
    router = {"fallbacks": [{"a": ["b"]}, {"c": ["b"]}], "content_policy_fallbacks": [{"c": ["a"]}]}
    with gateway(*models, router=router) as running:
        words = "ERR=400 CODE=content_filter MSG=filtered"
        plain = call(running, "a", words, stream=stream)
        assert plain.status == 400
        assert asked(fake_provider) == ["wall-0"]
        assert plain.header("x-should-retry") == "false"
        fake_provider.reset()
        fake_provider.program({"status": 400, "code": "content_filter", "model": "wall-2"})
        assert call(running, "c", stream=stream).status == 200
        assert asked(fake_provider) == ["wall-2", "wall-0"]


def test_fallbacks_can_be_tried_out(fake_provider: FakeProvider) -> None:
    models = [row(name, f"wall-{at}", fake_provider.url) for at, name in enumerate("abc")]
    router = {"fallbacks": [{"a": ["b"]}], "context_window_fallbacks": [{"a": ["c"]}]}
    with gateway(*models, router=router) as running:
        reply = call(running, "a", mock_testing_fallbacks=True)
        assert (reply.status, reply.header("x-litellm-attempted-fallbacks")) == (200, "1")
        assert "mock_failure" in (reply.header("x-trunkline-route") or "")
        assert call(running, "a", mock_testing_context_fallbacks=True).status == 200
        assert call(running, "a", mock_testing_fallbacks=False).status == 200
        assert asked(fake_provider) == ["wall-1", "wall-2", "wall-0"]
        assert not [name for seen in fake_provider.talks for name in seen.json if name.startswith("mock_")]
        without = call(running, "a", mock_testing_content_policy_fallbacks=True)
        assert (without.status, "`content_policy_fallbacks`" in without.message) == (400, True)
        assert call(running, "b", mock_testing_fallbacks=True).status == 400
        assert len(fake_provider.talks) == 3


@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_that_is_too_long_goes_to_one_that_holds_more(fake_provider: FakeProvider, stream: bool) -> None:
    url = fake_provider.url
    models = [row("a", "wall-1", url), row("big", "wall-9", url), row("other", "wall-5", url)]
    router = {"context_window_fallbacks": [{"a": ["big"]}], "fallbacks": [{"a": ["other"]}, {"big": ["other"]}]}
    with gateway(*models, router=router) as running:
        fake_provider.program({"status": 400, "code": "context_length_exceeded", "model": "wall-1"})
        assert call(running, "a", stream=stream).status == 200
        assert asked(fake_provider) == ["wall-1", "wall-9"]
        fake_provider.reset()
        fake_provider.program({"status": 400, "code": "context_length_exceeded", "times": -1})
        assert call(running, "big", stream=stream).status == 400
        assert asked(fake_provider) == ["wall-9"]


def test_of_a_group_the_one_with_the_larger_window_is_asked(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    small, large = ({"max_input_tokens": size} for size in (1000, 9000))
    models = [
        row("a", "wall-1", url, order=1)[:-1] + f", model_info: {json.dumps(small)}}}",
        row("a", "wall-2", url, order=2)[:-1] + f", model_info: {json.dumps(large)}}}",
    ]
    with gateway(*models) as running:
        fake_provider.program({"status": 400, "code": "context_length_exceeded", "model": "wall-1"})
        assert call(running, "a").status == 200
        assert asked(fake_provider) == ["wall-1", "wall-2"]


def test_a_deployment_that_fails_rests_and_is_tried_again_by_one(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    models = row("m", "wall-1", url, order=1), row("m", "wall-2", url, order=2)
    with gateway(*models, router={"allowed_fails": 1, "cooldown_time": 2}) as running:
        fake_provider.program({"status": 500, "model": "wall-1", "times": 2})
        for _ in range(4):
            assert call(running, "m").status == 200
        assert Counter(asked(fake_provider)) == {"wall-1": 2, "wall-2": 4}
        until(lambda: "circuit" in running.logs and "state=open" in running.logs)
        time.sleep(2.1)
        fake_provider.reset()
        # The probe takes long enough for the others to have come and gone.
        fake_provider.program({"delay": 3, "model": "wall-1"})
        with ThreadPoolExecutor(6) as pool:
            assert {reply.status for reply in pool.map(lambda _: call(running, "m"), range(6))} == {200}
        assert asked(fake_provider).count("wall-1") == 1
        assert call(running, "m").status == 200
        assert asked(fake_provider)[-1] == "wall-1"
        until(lambda: "state=closed" in running.logs)


def test_a_dead_key_rests_and_is_named(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    models = row("m", "wall-1", url, order=1, api_key="os.environ/DEAD_KEY"), row("m", "wall-2", url, order=2)
    with gateway(*models) as running:
        for _ in range(4):
            assert call(running, "m").status == 200
        assert asked(fake_provider) == ["wall-1", *["wall-2"] * 4]
        until(lambda: "of=DEAD_KEY" in running.logs)
        assert "sk-dead-key-1" not in running.logs


def test_without_cooldowns_nobody_rests(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    models = row("m", "wall-1", url, order=1, api_key="os.environ/DEAD_KEY"), row("m", "wall-2", url, order=2)
    with gateway(*models, router={"disable_cooldowns": True}) as running:
        for _ in range(3):
            assert call(running, "m").status == 200
        assert asked(fake_provider) == ["wall-1", "wall-2"] * 3


def test_a_sole_deployment_that_is_dead_is_not_hammered_and_comes_back(fake_provider: FakeProvider) -> None:
    with gateway(row("m", "wall-1", fake_provider.url), router={"num_retries": 0}) as running:
        fake_provider.program({"status": 500, "delay": 0.4, "times": -1})
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(lambda _: call(running, "m"), range(12)))
            fake_provider.requests.clear()
            replies = list(pool.map(lambda _: call(running, "m"), range(12)))
        told = [reply for reply in replies if reply.status == 503]
        assert len(told) >= 5
        assert all(reply.header("retry-after") for reply in told)
        assert all("500" in reply.message for reply in told)
        assert len(fake_provider.talks) <= 8
        fake_provider.reset()
        assert call(running, "m").status == 200
        assert call(running, "m").status == 200


def test_a_first_token_is_awaited_less_than_15_seconds_where_a_fallback_exists(fake_provider: FakeProvider) -> None:
    models = row("m", "wall-1", fake_provider.url), row("n", "wall-2", fake_provider.url)
    with gateway(*models, router={"fallbacks": [{"m": ["n"]}], "num_retries": 2}) as running:

        def timed() -> float:
            fake_provider.reset()
            fake_provider.program({"delay": 60, "model": "wall-1", "times": -1})
            begun = time.monotonic()
            reply = call(running, "m", "SAY=there", stream=True)
            took = time.monotonic() - begun
            assert b'"model":"wall-2"' in reply.body
            assert asked(fake_provider) == ["wall-1", "wall-2"]
            return took

        assert 13.5 < quickest(timed, within=15) < 15


def test_a_limit_of_requests_moves_on_and_then_says_when(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    models = row("m", "wall-1", url, rpm=1, order=1), row("m", "wall-2", url, rpm=1, order=2)
    with gateway(*models) as running:
        assert [call(running, "m").status for _ in range(2)] == [200, 200]
        assert asked(fake_provider) == ["wall-1", "wall-2"]
        reply = call(running, "m")
        assert reply.status == 429
        assert 15 < int(reply.header("retry-after") or 0) <= 65
        assert len(fake_provider.talks) == 2


def test_parallel_requests_wait_for_a_place(fake_provider: FakeProvider) -> None:
    with gateway(row("m", "wall-1", fake_provider.url, max_parallel_requests=1)) as running:
        begun = time.monotonic()
        with ThreadPoolExecutor(3) as pool:
            replies = list(pool.map(lambda _: call(running, "m", "SAY=x DELAY=0.4"), range(3)))
        assert {reply.status for reply in replies} == {200}
        assert time.monotonic() - begun > 1.15


def test_a_full_queue_and_a_late_one_say_whose_they_are(fake_provider: FakeProvider) -> None:
    model = row("m", "wall-1", fake_provider.url, max_parallel_requests=1)
    with gateway(model, more="trunkline: {queue: {max: 1, wait: 0.3}}") as running:
        with ThreadPoolExecutor(3) as pool:
            replies = list(pool.map(lambda _: call(running, "m", "SAY=x DELAY=1"), range(3)))
        assert Counter(reply.status for reply in replies) == {200: 1, 429: 2}
        for reply in replies:
            if reply.status == 429:
                assert "queue" in reply.message
                assert reply.header("retry-after")
        assert len(fake_provider.talks) == 1


@pytest.mark.parametrize("strategy", ["least-busy", "usage-based-routing-v2", "latency-based-routing"])
def test_strategies_spread_by_what_is_carried(fake_provider: FakeProvider, strategy: str) -> None:
    """One after another, so that what each carries when the next call comes is certain."""
    url = fake_provider.url
    with gateway(row("m", "wall-1", url), row("m", "wall-2", url), router={"routing_strategy": strategy}) as running:
        fake_provider.program({"delay": 0.5, "model": "wall-1", "times": -1})
        for at in range(6):
            assert call(running, "m", f"SAY=x IN=100 OUT=50 n{at}").status == 200
        counts = Counter(asked(fake_provider))
        match strategy:
            case "usage-based-routing-v2":
                assert counts == {"wall-1": 3, "wall-2": 3}, "who has used less is next"
            case "latency-based-routing":
                assert counts == {"wall-1": 1, "wall-2": 5}, "each once, then the quick one"
            case _:
                assert counts.total() == 6, "nobody is busy: any will do"


def test_the_least_busy_is_asked_while_another_is_busy(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    router = {"routing_strategy": "least-busy"}
    with gateway(row("m", "wall-1", url), row("m", "wall-2", url), router=router) as running:
        fake_provider.program({"delay": 30, "model": "wall-1", "times": -1})
        while asked(fake_provider)[-1:] != ["wall-1"]:
            # While both are idle either is asked: until it is the one that takes its time.
            fake_provider.requests.clear()
            busy = waiting(running.url, CHAT.path, CHAT.body("SAY=x", model="m"), KEY)
            fake_provider.wait_for(lambda fake: fake.talks)
            if asked(fake_provider) == ["wall-2"]:
                assert busy.recv(65536).startswith(b"HTTP/1.1 200")
                busy.close()
        with busy:
            assert {call(running, "m", f"SAY=x n{at}").status for at in range(6)} == {200}
            assert asked(fake_provider) == ["wall-1", *["wall-2"] * 6]


def test_a_session_stays_where_its_cache_is_warm(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    with gateway(*(row("m", f"wall-{at}", url) for at in range(4)), router={"disable_cooldowns": True}) as running:
        own = {"x-claude-code-session-id": "s-1"}
        for at in range(6):
            assert call(running, "m", f"SAY=x CACHED=40 IN=50 n{at}", headers=own).status == 200
        assert len(set(asked(fake_provider))) == 1
        home = asked(fake_provider)[0]
        fake_provider.reset()
        fake_provider.program({"status": 503, "model": home, "times": -1})
        assert call(running, "m", "SAY=x CACHED=40 IN=50", headers=own).status == 200
        moved = asked(fake_provider)[-1]
        fake_provider.reset()
        for _ in range(5):
            call(running, "m", "SAY=x CACHED=40 IN=50", headers=own)
        assert set(asked(fake_provider)) == {moved} != {home}


def test_a_session_without_a_cache_is_spread(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    with gateway(row("m", "wall-1", url), row("m", "wall-2", url)) as running:
        for _ in range(24):
            assert call(running, "m", headers={"x-claude-code-session-id": "s-1"}).status == 200
        assert min(Counter(asked(fake_provider)).values()) >= 3


def test_equal_requests_without_a_cache_are_still_spread(fake_provider: FakeProvider) -> None:
    url = fake_provider.url
    with gateway(row("m", "wall-1", url), row("m", "wall-2", url)) as running:
        for _ in range(24):
            assert call(running, "m").status == 200
        assert min(Counter(asked(fake_provider)).values()) >= 3


@pytest.mark.parametrize(("pot", "scene", "paid"), [("coding", CHAT, "/api/coding/"), ("payg", MESSAGES, "/api/paas/")])
def test_zais_sister_address_is_tried_once_and_remembered(pot: Any, scene: Scene, paid: str) -> None:
    with FakeProvider(pots={GOOD_KEY: pot}) as fake:
        text = "\n".join(
            [
                "model_list: [{model_name: glm, litellm_params: {model: zai/glm-4.6, api_key: os.environ/FAKE_KEY}}]",
                "router_settings: {num_retries: 0}",
                "general_settings: {master_key: sk-test-master-1234}",
            ]
        )
        with Gateway(text, env={**ENV, "ZAI_API_BASE": fake.url}) as running:
            first = call(running, "glm", scene=scene)
            assert first.status == 200, first.body
            assert len(fake.requests) == 2
            assert fake.requests[-1].path.startswith(paid)
            assert call(running, "glm", scene=scene).status == 200
            assert len(fake.requests) == 3
            assert fake.requests[-1].path.startswith(paid)
            until(lambda: f"plan: {pot}" in running.logs)


@pytest.mark.parametrize("scene", [CHAT, MESSAGES], ids=name_of)
def test_until_zais_limit_resets_nobody_with_that_key_is_asked(fake_provider: FakeProvider, scene: Scene) -> None:
    zai = "{{model: zai/{}, api_key: os.environ/FAKE_KEY, order: {}}}"
    lines = [f"  - {{model_name: {name}, litellm_params: {zai.format(model, order)}}}"
             for name, model, order in (("glm", "glm-4.6", 1), ("glm", "glm-4.7", 2), ("only", "glm-4.5", 1))]  # fmt: skip
    spare = row("spare", "wall-1", fake_provider.url, api_key="os.environ/DEAD_KEY")
    assert fake_provider.provider.keys is not None
    fake_provider.provider.keys.add(ENV["DEAD_KEY"])
    # China's time, without saying so (UTC+8): in an hour and a half.
    reset = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 8 * 3600 + 5400))
    said = f"Usage limit reached for 5 hour. Your limit will reset at {reset}"
    router = {"fallbacks": [{"glm": ["spare"]}]}
    try:
        with gateway(*lines, spare, router=router, env={"ZAI_API_BASE": fake_provider.url}) as running:
            spent = {"status": 429, "code": "1308", "message": said, "times": -1}
            fake_provider.program({**spent, "model": "glm-4.6"}, {**spent, "model": "glm-4.5"})
            for _ in range(3):
                assert call(running, "glm", scene=scene).status == 200
            assert asked(fake_provider) == ["glm-4.6", "wall-1", "wall-1", "wall-1"]
            reply = call(running, "only", scene=scene)
            assert reply.status == 429
            assert 5300 < int(reply.header("retry-after") or 0) <= 5400
            assert "will reset at" in reply.message
    finally:
        fake_provider.provider.keys.discard(ENV["DEAD_KEY"])


def test_a_plan_that_is_written_is_never_left() -> None:
    with FakeProvider(pots={GOOD_KEY: "coding"}) as fake:
        text = (
            "model_list: [{model_name: glm, litellm_params: {model: zai/glm-4.6, plan: payg, "
            "api_key: os.environ/FAKE_KEY}}]\ngeneral_settings: {master_key: sk-test-master-1234}\n"
        )
        with Gateway(text, env={**ENV, "ZAI_API_BASE": fake.url}) as running:
            reply = call(running, "glm")
            assert reply.status == 429
            assert "plan: coding" in (reply.header("x-trunkline-hint") or "")
            assert len(fake.requests) == 1


def test_a_redirect_within_the_origin_is_followed_and_no_other(fake_provider: FakeProvider) -> None:
    answer = json.dumps(
        {
            "id": "x",
            "object": "chat.completion",
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "far"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    ).encode()

    def moved(status: str, place: str) -> bytes:
        return whole(b"", status=status, more=f"location: {place}\r\n")

    class Twice(Scripted):
        """Redirects once, then answers."""

        def _answer(self, wire: Any) -> None:
            self.pieces = (moved("307 Temporary Redirect", "/v1/elsewhere"),) if not self.requests else (whole(answer),)
            super()._answer(wire)

    away = moved("308 Permanent Redirect", f"{fake_provider.url}/v1/x?key=not-to-be-told")
    with (
        Twice() as near,
        Scripted(away) as far,
        gateway(row("near", "wall-1", near.url), row("far", "wall-1", far.url, max_retries=0)) as running,
    ):
        reply = call(running, "near")
        assert reply.status == 200
        assert b"far" in reply.body
        assert near.requests == 2
        refused = call(running, "far")
        assert refused.status == 502
        assert f"{fake_provider.url}/v1/x" in refused.message
        assert "not-to-be-told" not in refused.body.decode()
        assert not fake_provider.requests


def test_a_deadline_ends_the_whole_call_and_nothing_else_ends_a_stream_that_flows(fake_provider: FakeProvider) -> None:
    with gateway(row("m", "wall-1", fake_provider.url), more="trunkline: {limits: {deadline: 1}}") as running:
        begun = time.monotonic()
        reply = call(running, "m", "LONG=60 SLOW=100", stream=True)
        assert time.monotonic() - begun < 5, "not until the stream ends"
        assert b"deadline" in reply.body
        (told,) = rows(running, reply.header("x-litellm-call-id") or "")
        assert told["outcome"] == "deadline_exceeded"
    with gateway(row("m", "wall-1", fake_provider.url, timeout=1)) as running:
        assert call(running, "m", "LONG=20 SLOW=100", stream=True).body.endswith(b"[DONE]\n\n")
