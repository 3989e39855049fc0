"""One page of numbers for all workers, whichever answers, and whichever has died."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import ask, until
from tests.wall.scenes import CHAT, KEY, MESSAGES, config


@pytest.fixture
def counted(fake_provider: FakeProvider) -> Iterator[Gateway]:
    text = config(fake_provider.url, more="litellm_settings: {callbacks: [prometheus]}")
    with Gateway(text, args=["--workers", "2"], env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        yield gateway


def page(gateway: Gateway) -> str:
    reply = ask(gateway.url, "/metrics", headers=KEY)
    assert reply.status == 200
    assert (reply.header("content-type") or "").startswith("text/plain; version=")
    return reply.body.decode()


def number(text: str, name: str, *parts: str) -> float:
    found = [line for line in text.splitlines() if line.startswith((f"{name}{{", f"{name} "))]
    return sum(float(line.rsplit(" ", 1)[1]) for line in found if all(part in line for part in parts))


def total(gateway: Gateway, name: str, *parts: str) -> float:
    return number(page(gateway), name, *parts)


def test_all_workers_are_added_up_and_the_dead_stay_counted(counted: Gateway, fake_provider: FakeProvider) -> None:
    for _ in range(20):
        ask(counted.url, CHAT.path, CHAT.body("SAY=ok IN=10 OUT=5"), headers=KEY)
    for _ in range(10):
        ask(counted.url, MESSAGES.path, MESSAGES.body("ERR=400"), headers=KEY)
    ask(counted.url, CHAT.path, CHAT.body("Hi", model="nobody"), headers=KEY)
    ok = ("trunkline_attempts_total", 'outcome="ok"', 'provider="openai"')

    def told() -> str:
        text = page(counted)
        return text if number(text, "trunkline_requests_total") >= 31 else ""

    # Each worker knows the other's numbers as they were up to two seconds ago.
    text = until(told, within=20)
    assert number(text, "trunkline_requests_total") == 31
    assert number(text, "trunkline_attempts_total", 'status="400"', 'provider="anthropic"') == 10
    assert number(text, "trunkline_requests_total", 'status="200"', 'model="gpt-wall"') == 20
    assert number(text, "trunkline_requests_total", 'status="404"', 'model=""') == 1
    assert number(text, "trunkline_tokens_total", 'type="output"') == 100
    assert number(text, "litellm_spend_metric_total", 'requested_model="gpt-wall"') == pytest.approx(20 * 20e-6)
    assert number(text, "trunkline_workers") == 2
    assert number(text, "trunkline_requests_in_flight") == 0
    assert 2 <= number(text, "trunkline_tasks") < 30
    few = ask(counted.url, "/metrics?name[]=trunkline_workers&name[]=trunkline_tasks", headers=KEY).body.decode()
    names = {line.split()[0] for line in few.splitlines() if not line.startswith("#")}
    assert names == {"trunkline_workers", "trunkline_tasks"}
    assert "nobody" not in text
    time.sleep(4)  # what was counted last is written by now
    victims = psutil.Process(counted.pid).children()
    os.kill(victims[0].pid, signal.SIGKILL)
    for _ in range(30):  # while the dead one is buried, and after
        assert total(counted, *ok) == 20
        time.sleep(0.4)
    ask(counted.url, CHAT.path, CHAT.body("SAY=ok"), headers=KEY)
    until(lambda: total(counted, *ok) == 21, within=6)


def test_numbers_outlive_a_restart(fake_provider: FakeProvider) -> None:
    gateway = Gateway(config(fake_provider.url), env=provider_environment(fake_provider.url, GOOD_KEY))
    with gateway:
        ask(gateway.url, CHAT.path, CHAT.body("SAY=ok"), headers=KEY)
        assert total(gateway, "trunkline_attempts_total") == 1
        assert gateway.stop() == 0
        gateway.start()
        assert total(gateway, "trunkline_attempts_total") == 1
        assert total(gateway, "trunkline_workers") == 1


def test_the_page_takes_the_key_unless_the_configuration_opens_it(
    counted: Gateway, fake_provider: FakeProvider
) -> None:
    assert "prometheus" not in counted.stderr
    assert ask(counted.url, "/metrics").status == 401
    assert ask(counted.url, "/metrics/", headers=KEY).status == 200
    text = config(fake_provider.url, more="litellm_settings: {require_auth_for_metrics_endpoint: false}")
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        assert ask(gateway.url, "/metrics").status == 200
        assert ask(gateway.url, "/v1/models").status == 401


def test_a_gateway_without_a_key_tells_this_machine_only(fake_provider: FakeProvider) -> None:
    text = config(fake_provider.url, general="{}")
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        assert ask(gateway.url, "/metrics").status == 200
        assert ask(gateway.url, "/metrics", headers={"host": "evil.example"}).status == 403
