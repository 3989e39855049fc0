"""What is paid otherwise than by the tokens of one pass at the list price: other paces, other passes, other answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import ask
from tests.wall.scenes import CHAT, KEY, MESSAGES, RESPONSES, Scene, config, rows
from tests.wall.scripted import Scripted, whole
from tests.wall.test_budgets import NANO, STREAM, budgeted

_TOLD: dict[str, Any] = {
    "messages": {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "x"}],
                 "usage": {"input_tokens": 1000, "output_tokens": 100, "speed": "fast", "inference_geo": "us"}},
    "chat": {"object": "chat.completion", "service_tier": "priority",
             "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}],
             "usage": {"prompt_tokens": 1000, "completion_tokens": 100}},
    "responses": {"object": "response", "status": "completed", "output": [], "service_tier": "flex",
                  "usage": {"input_tokens": 1000, "output_tokens": 100}},
}  # fmt: skip
_PACES = [
    (MESSAGES, {"speed": "fast", "inference_geo": "us"}, "0.00264"),
    (CHAT, {"service_tier": "priority"}, "0.0024"),
    (RESPONSES, {"service_tier": "flex"}, "0.0006"),
]


@STREAM
@pytest.mark.parametrize(("scene", "asks", "cost"), _PACES, ids=["fast in the US", "priority", "flex"])
def test_another_pace_is_paid_as_it_was_served(scene: Scene, asks: Any, cost: str, stream: bool) -> None:
    answer: dict[str, Any] = {"id": "r", "model": "script-1", **_TOLD[scene.name]}
    with Scripted(_streamed(scene, answer) if stream else whole(json.dumps(answer).encode())) as provider:
        text = config(provider.url, more="litellm_settings: {max_budget: 1}", rows=_priced(provider.url))
        with Gateway(text, env=provider_environment(provider.url, GOOD_KEY)) as gateway:
            body = scene.body("x", stream=stream, **asks) | {"model": f"{scene.name}-priced"}
            reply = ask(gateway.url, scene.path, body, headers=KEY)
            (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
            assert (row["outcome"], row["billed_nano"]) == ("ok", int(float(cost) * NANO)), reply.body
            assert stream or reply.header("x-litellm-response-cost") == cost


@STREAM
def test_sound_is_held_and_paid_at_its_own_rates(stream: bool) -> None:
    """1,000 tokens read, 900 of them sound at $32 a million; 100 said, 80 of them sound at $64. Words: $1 and $2."""
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "prompt_tokens_details": {"audio_tokens": 900},
        "completion_tokens_details": {"audio_tokens": 80},
    }
    answer = {"id": "r", "model": "script-1", **_TOLD["chat"], "usage": usage, "service_tier": "default"}
    with Scripted(_streamed(CHAT, answer) if stream else whole(json.dumps(answer).encode())) as provider:
        dear = "input_cost_per_audio_token: 0.000032, output_cost_per_audio_token: 0.000064, input_cost_per_token"
        listed = _priced(provider.url).replace("input_cost_per_token", dear)
        text = config(provider.url, more="litellm_settings: {max_budget: 0.5}", rows=listed)
        with Gateway(text, env=provider_environment(provider.url, GOOD_KEY)) as gateway:
            body = CHAT.body("x", stream=stream) | {"model": "chat-priced", "max_tokens": 2000}
            reply = ask(gateway.url, CHAT.path, body | {"modalities": ["text", "audio"]}, headers=KEY)
            (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
            nano = 100 * 1_000 + 900 * 32_000 + 20 * 2_000 + 80 * 64_000
            assert (row["outcome"], row["billed_nano"]) == ("ok", nano), reply.body
            # 20,000 tokens of words cost $0.04 at most, which fits; of sound $1.28, which does not.
            assert (
                ask(gateway.url, CHAT.path, body | {"max_tokens": 20_000}, headers=KEY).header("x-trunkline-fit")
                is None
            )
            reply = ask(gateway.url, CHAT.path, body | {"max_tokens": 20_000, "audio": {"voice": "ash"}}, headers=KEY)
            assert "instead of 20000" in (reply.header("x-trunkline-fit") or "")


@STREAM
def test_a_conversation_that_was_summed_up_on_the_way_is_paid_twice(stream: bool) -> None:
    """Anthropic tells that pass in `iterations`, and in none of the numbers beside them."""
    usage = {"input_tokens": 1000, "output_tokens": 100}
    answer: dict[str, Any] = {"id": "r", "model": "script-1", **_TOLD["messages"], "usage": usage}
    passes = [{"type": "compaction", "input_tokens": 20_000, "output_tokens": 300}, {"type": "message", **usage}]
    usage["iterations"] = passes  # type: ignore[assignment]
    with Scripted(_streamed(MESSAGES, answer) if stream else whole(json.dumps(answer).encode())) as provider:
        text = config(provider.url, more="litellm_settings: {max_budget: 0.03}", rows=_priced(provider.url))
        with Gateway(text, env=provider_environment(provider.url, GOOD_KEY)) as gateway:
            body = MESSAGES.body("x", stream=stream) | {"model": "messages-priced"}
            reply = ask(gateway.url, MESSAGES.path, body, headers=KEY)
            (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
            assert (row["billed_nano"], row["input"], row["output"]) == (21_800_000, 21_000, 400)
            sums_up = {"context_management": {"edits": [{"type": "compact_20260112"}]}, "max_tokens": 3000}
            reply = ask(gateway.url, MESSAGES.path, body | sums_up, headers=KEY)
            assert "instead of 3000" in (reply.header("x-trunkline-fit") or ""), "what is left pays for it once"


@STREAM
def test_a_pace_that_the_deployment_sets_is_paid_by_another_format_too(stream: bool) -> None:
    answer = {"id": "r", "model": "script-1", **_TOLD["chat"]}
    with Scripted(_streamed(CHAT, answer) if stream else whole(json.dumps(answer).encode())) as provider:
        listed = _priced(provider.url).replace("openai/script-1,", "openai/script-1, service_tier: priority,")
        with Gateway(config(provider.url, rows=listed), env=provider_environment(provider.url, GOOD_KEY)) as gateway:
            body = MESSAGES.body("x", stream=stream) | {"model": "chat-priced"}
            reply = ask(gateway.url, MESSAGES.path, body, headers=KEY)
            (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
            assert (row["outcome"], row["billed_nano"]) == ("ok", 2_400_000), reply.body


def test_what_is_asked_to_be_fast_is_held_at_its_price(fake_provider: FakeProvider) -> None:
    """Two thousand tokens of output cost $0.004, and twice that when they are to come fast."""
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.006}") as gateway:
        body = CHAT.body("SAY=ok IN=100 OUT=0", max_tokens=2000)
        reply = ask(gateway.url, CHAT.path, body, headers=KEY)
        assert (reply.status, reply.header("x-trunkline-fit")) == (200, None)
        reply = ask(gateway.url, CHAT.path, body | {"service_tier": "fast"}, headers=KEY)
        assert (reply.status, "1024 output tokens instead of 2000" in (reply.header("x-trunkline-fit") or "")) == (
            200,
            True,
        )


def _priced(url: str) -> str:
    costs = "input_cost_per_token: 0.000001, output_cost_per_token: 0.000002"
    models = {"messages": ("anthropic", url), "chat": ("openai", f"{url}/v1"), "responses": ("openai", f"{url}/v1")}
    return "".join(
        f"  - {{model_name: {name}-priced, litellm_params: {{model: {provider}/script-1, "
        f'api_base: "{base}", api_key: os.environ/FAKE_KEY, {costs}}}}}\n'
        for name, (provider, base) in models.items()
    )


def _streamed(scene: Scene, answer: dict[str, Any]) -> bytes:
    """The same answer as a stream."""
    events: list[dict[str, Any]]
    match scene.name:
        case "messages":
            start = {**answer, "content": [], "usage": {**answer["usage"], "output_tokens": 1}}
            counts = {"output_tokens": 100, "iterations": answer["usage"].pop("iterations", None)}
            delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": counts}
            events = [{"type": "message_start", "message": start}, delta, {"type": "message_stop"}]
        case "chat":
            said = [{"index": 0, "delta": {"content": "x"}, "finish_reason": "stop"}]
            head = {**answer, "object": "chat.completion.chunk", "usage": None}
            events = [{**head, "choices": said}, {**head, "choices": [], "usage": answer["usage"]}]
        case _:
            events = [{"type": "response.completed", "response": answer}]
    text = "".join(f"event: {each.get('type', 'x')}\ndata: {json.dumps(each)}\n\n" for each in events)
    return whole(text.encode() + (b"data: [DONE]\n\n" if scene.name == "chat" else b""), kind="text/event-stream")


def test_an_answer_in_the_background_is_charged_at_its_most() -> None:
    """Its provider goes on with it, and what it uses is not told until somebody asks for it."""
    answer: dict[str, Any] = {
        "id": "r",
        "object": "response",
        "status": "queued",
        "background": True,
        "model": "script-1",
        "output": [],
        "usage": None,
    }
    with Scripted(whole(json.dumps(answer).encode())) as provider:
        priced = f"""
  - model_name: gpt-priced
    litellm_params: {{model: openai/script-1, api_base: "{provider.url}/v1", api_key: os.environ/FAKE_KEY,
      input_cost_per_token: 0.000001, output_cost_per_token: 0.000002}}
"""
        text = config(provider.url, more="litellm_settings: {max_budget: 0.5}", rows=priced)
        with Gateway(text, env=provider_environment(provider.url, GOOD_KEY)) as gateway:
            body = RESPONSES.body("x", background=True, max_output_tokens=100_000) | {"model": "gpt-priced"}
            reply = ask(gateway.url, RESPONSES.path, body, headers=KEY)
            (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
            assert (row["estimated"], row["output"]) == (1, 100_000)
            assert 0.2 * NANO <= row["billed_nano"] <= 0.21 * NANO
            assert ask(gateway.url, RESPONSES.path, body, headers=KEY).status == 200
            reply = ask(gateway.url, RESPONSES.path, body | {"max_output_tokens": 60_000}, headers=KEY)
            (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
            assert reply.header("x-trunkline-fit") and row["output"] < 50_000, "what is free pays for half of it"


def test_pictures_and_sound_count_on_a_budget(fake_provider: FakeProvider) -> None:
    with budgeted(fake_provider, "litellm_settings: {max_budget: 0.04}") as gateway:
        path, body = "/v1/images/generations", {"model": "gpt-wall", "prompt": "a cat"}
        reply = ask(gateway.url, path, body, headers=KEY)
        (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
        assert (row["output"], row["estimated"]) == (100, 0)
        assert row["billed_nano"] == row["input"] * 1000 + 200_000
        assert ask(gateway.url, path, body | {"n": 3}, headers=KEY).status == 402, "three may be large"
        sound = {"model": "gpt-wall", "input": "x", "voice": "v"}
        reply = ask(gateway.url, "/v1/audio/speech", sound, headers=KEY)
        (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
        assert row["estimated"] and row["billed_nano"] > 500_000, "nobody tells what it used"
