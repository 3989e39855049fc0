"""Providers that fail are left alone: how often they are asked, how far apart, and when again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.fake.behaviour import Behaviour, from_record
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import ask, until
from tests.wall.hearing import hear
from tests.wall.scenes import CHAT, KEY, MESSAGES, OLLAMA, Scene, name_of

SPARE_KEY = "sk-fake-spare"
BASES = {"messages": ("anthropic", "{0}"), "chat": ("openai", "{0}/v1"), "ollama_chat": ("ollama_chat", "{0}")}
SCENES = (MESSAGES, CHAT, OLLAMA)

FAULTS: Mapping[str, tuple[Mapping[str, Any], int, float]] = {
    # what it does → attempts of one call that nobody else can answer, the least gap between two of them in seconds
    "429-retry-after": ({"status": 429, "retry_after": "1"}, 3, 1.0),
    "429": ({"status": 429, "retry_after": "none"}, 3, 0.3),
    "500": ({"status": 500}, 3, 0.3),
    "503": ({"status": 503}, 3, 0.3),
    "529": ({"status": 529}, 3, 0.3),
    "reset": ({"reset_after": 0}, 3, 0.3),
    "empty": ({"empty": True}, 3, 0.3),
    "401": ({"status": 401}, 1, 0.0),
    "403": ({"status": 403}, 1, 0.0),
    "400": ({"status": 400}, 1, 0.0),
    "context": ({"status": 400, "code": "context_length_exceeded", "message": "prompt is too long"}, 1, 0.0),
    "filter": ({"status": 400, "code": "content_filter"}, 1, 0.0),
}


@pytest.fixture(scope="module")
def patient(fake_server: FakeProvider) -> Iterator[Gateway]:
    """Nothing is written about rests or retries: what is seen here is what a new user gets."""
    rows: list[str] = []
    for scene, (prefix, base) in BASES.items():
        where = f'api_base: "{base.format(fake_server.url)}"'
        for name, model, key in (
            ("alone", "*", "FAKE_KEY"),
            ("pair", "*", "FAKE_KEY"),
            ("spare", "spare", "SPARE_KEY"),
        ):
            group = f"{name}-{scene}" + ("/*" if model == "*" else "")
            rows.append(
                f'  - {{model_name: "{group}", litellm_params: {{model: "{prefix}/{model}", {where},'
                f" api_key: os.environ/{key}}}}}"
            )
    chains = ", ".join(f'{{"pair-{scene}/*": [spare-{scene}]}}' for scene in BASES)
    text = "\n".join(
        [
            "model_list:",
            *rows,
            f"router_settings: {{fallbacks: [{chains}]}}",
            f"general_settings: {{master_key: {MASTER_KEY}}}",
        ]
    )
    assert fake_server.provider.keys is not None
    fake_server.provider.keys.add(SPARE_KEY)
    with Gateway(text, env={"FAKE_KEY": GOOD_KEY, "SPARE_KEY": SPARE_KEY}) as gateway:
        yield gateway
    fake_server.provider.keys.discard(SPARE_KEY)


def _asks(gateway: Gateway, fake: FakeProvider, scene: Scene, group: str, model: str) -> Any:
    fake.provider.models = tuple({*fake.provider.models, model, "spare"})
    body = scene.body("SAY=fine", stream=True, model=f"{group}-{scene.name}/{model}")
    reply = ask(gateway.url, scene.path, body, headers=KEY, timeout=30)
    return reply, hear(scene, reply, stream=True)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("scene", SCENES, ids=name_of)
def test_one_call_asks_a_failing_provider_a_few_times_and_waits_between(
    patient: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    how, most, gap = FAULTS[fault]
    model = f"hammer-{fault}"
    fake_provider.program({**how, "model": model, "times": -1})
    _, heard = _asks(patient, fake_provider, scene, "alone", model)
    assert heard.error
    at = [seen.arrived for seen in fake_provider.talks]
    assert len(at) <= most
    assert all(later - earlier >= gap for earlier, later in pairwise(at)), at
    assert max((later - earlier for earlier, later in pairwise(at)), default=0) < 6


@pytest.mark.parametrize("fault", ["429-retry-after", "429", "500", "503", "529", "reset", "empty"])
@pytest.mark.parametrize("scene", SCENES, ids=name_of)
def test_what_fails_once_is_asked_once_more(
    patient: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    model = f"once-{fault}"
    fake_provider.program({**FAULTS[fault][0], "model": model, "times": 1})
    reply, heard = _asks(patient, fake_provider, scene, "alone", model)
    assert (heard.text, heard.clean) == ("fine", True), reply.body
    assert len(fake_provider.talks) == 2


@pytest.mark.parametrize("fault", ["429", "500", "503", "reset", "empty"])
@pytest.mark.parametrize("scene", SCENES, ids=name_of)
def test_thirty_calls_in_a_row_are_answered_and_the_failing_one_is_given_a_rest(
    patient: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    model = f"rest-{fault}"
    fake_provider.program({**FAULTS[fault][0], "model": model, "times": -1})
    for _ in range(30):
        reply, heard = _asks(patient, fake_provider, scene, "pair", model)
        assert (heard.text, heard.clean) == ("fine", True), reply.body
    asked = [seen.model for seen in fake_provider.talks]
    assert asked.count("spare") == 30
    assert asked.count(model) <= 6, "four failures open its circuit, and a probe may follow"


@pytest.mark.slow
def test_a_provider_that_flaps_for_a_minute_is_survived_and_comes_back(
    patient: Gateway, fake_provider: FakeProvider
) -> None:
    """Two seconds well, two seconds not; then well for good: within thirty seconds it is asked again."""
    model, ended = "flapping", threading.Event()

    def flap() -> None:
        well = True
        while not ended.wait(2):
            well = not well
            fake_provider.provider.programme = [] if well else _programmed(model)
        fake_provider.provider.programme = []

    flapping = threading.Thread(target=flap, daemon=True)
    flapping.start()
    calls = 0
    until_then = time.monotonic() + 60
    while time.monotonic() < until_then:
        reply, heard = _asks(patient, fake_provider, CHAT, "pair", model)
        assert (heard.text, heard.clean) == ("fine", True), reply.body
        calls += 1
        time.sleep(0.05)
    ended.set()
    flapping.join(5)
    asked = [seen.model for seen in fake_provider.talks]
    assert len(asked) <= calls + 60, "a failure costs one attempt, and each rest is followed by one probe"

    fake_provider.reset()

    def again() -> bool:
        _asks(patient, fake_provider, CHAT, "pair", model)
        time.sleep(0.2)
        return any(seen.model == model for seen in fake_provider.talks)

    until(again, within=31, what="for the provider to be asked again")


def _programmed(model: str) -> list[Behaviour]:
    return [from_record({"status": 500, "model": model, "times": -1})]
