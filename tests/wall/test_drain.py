"""The gateway's end: what runs may finish, what does not is told so, and the port is free at once."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import Reply, ask, until
from tests.wall.scenes import CHAT, FOUR, KEY, MESSAGES, Scene, config, latest
from tests.wall.test_broken_answers import ends_with_an_error


@contextmanager
def started(fake: FakeProvider, drain: float = 20, **more: object) -> Iterator[Gateway]:
    text = config(fake.url, more=f"trunkline: {{limits: {{drain: {drain}}}}}")
    with Gateway(text, env=provider_environment(fake.url, GOOD_KEY), **more) as gateway:  # type: ignore[arg-type]
        yield gateway


def ended(gateway: Gateway, name: signal.Signals = signal.SIGTERM) -> int:
    """Sends a signal and gives the exit code; what the harness does besides is done afterwards."""
    if gateway.process.poll() is None:
        gateway.process.send_signal(name)
    code = gateway.process.wait(15)
    gateway.kill()
    assert "Traceback" not in gateway.logs
    return code


class Behind(threading.Thread):
    """A request in a thread of its own."""

    def __init__(self, gateway: Gateway, scene: Scene, text: str, *, stream: bool = True) -> None:
        super().__init__(daemon=True)
        self._ask = gateway.url, scene.path, scene.body(text, stream=stream)
        self.reply: Reply | None = None
        self.start()

    def run(self) -> None:
        url, path, body = self._ask
        self.reply = ask(url, path, body, headers={**KEY, "x-session-id": "drained"})

    def wait(self) -> Reply:
        self.join(10)
        assert self.reply is not None
        return self.reply


def test_what_runs_finishes_within_the_drain_time(fake_provider: FakeProvider) -> None:
    with started(fake_provider) as gateway:
        stream = Behind(gateway, MESSAGES, "LONG=12 SLOW=80")
        whole = Behind(gateway, CHAT, "SAY=ok DELAY=0.8", stream=False)
        fake_provider.wait_for(lambda fake: len(fake.talks) == 2)
        time.sleep(0.1)
        begun = time.monotonic()
        assert ended(gateway) == 0
        assert time.monotonic() - begun < 8
        assert b"message_stop" in stream.wait().body
        assert not stream.wait().cut
        assert whole.wait().json["choices"][0]["message"]["content"] == "ok"


def test_what_runs_longer_is_told_in_its_own_words_and_the_port_is_free_at_once(fake_provider: FakeProvider) -> None:
    with started(fake_provider, drain=1) as gateway:
        port = int(gateway.url.rpartition(":")[2])
        streams = {scene.name: Behind(gateway, scene, "LONG=1000 SLOW=50") for scene in FOUR}
        whole = Behind(gateway, CHAT, "SAY=ok DELAY=20", stream=False)
        fake_provider.wait_for(lambda fake: len(fake.talks) == 5)
        time.sleep(0.2)
        begun = time.monotonic()
        assert ended(gateway) == 0
        assert 0.9 < time.monotonic() - begun < 8
        for scene in FOUR:
            reply = streams[scene.name].wait()
            assert not reply.cut, scene.name
            assert ends_with_an_error(scene, reply.body), reply.body[-300:]
            assert b"shutting down" in reply.body
        answer = whole.wait()
        assert answer.status == 503
        assert CHAT.is_error(answer.json)
        assert answer.header("retry-after") == "1"
        row = latest(gateway, lambda row: row["session"] == "drained" and row["streamed"] == 1)
        assert row["outcome"] == "draining", "no client left: the gateway did"
        with started(fake_provider, port=port) as again:
            assert ask(again.url, "/health").status == 200


def test_a_second_gateway_on_a_port_is_refused_with_a_sentence(fake_provider: FakeProvider) -> None:
    with started(fake_provider) as gateway:
        port = int(gateway.url.rpartition(":")[2])
        with pytest.raises(AssertionError) as no, started(fake_provider, port=port):
            pass
        assert str(port) in str(no.value)
        assert "in use" in str(no.value)
        assert "Traceback" not in str(no.value)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_an_idle_gateway_ends_at_once_with_code_0(fake_provider: FakeProvider, name: signal.Signals) -> None:
    with started(fake_provider) as gateway:
        assert ask(gateway.url, MESSAGES.path, MESSAGES.body("SAY=ok"), headers=KEY).status == 200
        begun = time.monotonic()
        assert ended(gateway, name) == 0
        assert time.monotonic() - begun < 8


def test_new_requests_are_refused_while_the_last_ones_finish(fake_provider: FakeProvider) -> None:
    with started(fake_provider) as gateway:
        last = Behind(gateway, MESSAGES, "LONG=30 SLOW=100")
        fake_provider.wait_for(lambda fake: fake.talks)
        gateway.process.send_signal(signal.SIGTERM)

        def refused() -> bool:
            try:
                ask(gateway.url, MESSAGES.path, MESSAGES.body("SAY=ok"), headers=KEY)
            except OSError:
                return True
            return False

        until(refused)
        assert last.reply is None, "the last one was still under way"
        assert b"message_stop" in last.wait().body
        assert ended(gateway) == 0


def test_two_workers_drain_and_end_with_code_0(fake_provider: FakeProvider) -> None:
    with started(fake_provider, args=["--workers", "2"]) as gateway:
        streams = [Behind(gateway, MESSAGES, "LONG=12 SLOW=50") for _ in range(4)]
        fake_provider.wait_for(lambda fake: len(fake.talks) == 4)
        assert ended(gateway) == 0
        for each in streams:
            assert b"message_stop" in each.wait().body
