"""Fifty configurations one after another under load: no request fails, and nothing of the old ones stays."""

from __future__ import annotations

import threading
import time

import psutil
import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import ask
from tests.wall.scenes import KEY

pytestmark = pytest.mark.load

RELOADS = 50
SETTLED = 10
"""Reloads after which memory is looked at for the first time."""
MODELS = 300
"""So many that a configuration which is not forgotten is seen: it takes about a megabyte."""


def config(url: str, number: int) -> str:
    lines = ["model_list:"]
    for name in ("m", *(f"spare-{number}-{each}" for each in range(MODELS))):
        where = (
            f'model: anthropic/claude-sonnet-5-5, api_base: "{url}", api_key: os.environ/FAKE_KEY, rpm: {9000 + number}'
        )
        lines.append(f"  - {{model_name: {name}, litellm_params: {{{where}}}}}")
    return "\n".join([*lines, f"general_settings: {{master_key: {MASTER_KEY}}}", "router_settings: {num_retries: 0}"])


class Caller(threading.Thread):
    """Asks and asks; every other answer is a stream of a second."""

    def __init__(self, url: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._url, self._stop_at = url, stop
        self.done, self.failed = 0, list[str]()
        self.start()

    def run(self) -> None:
        while not self._stop_at.is_set():
            stream = self.done % 2 == 1
            said = "LONG=20 SLOW=50" if stream else "SAY=ok"
            body = {"model": "m", "max_tokens": 100, "stream": stream, "messages": [{"role": "user", "content": said}]}
            reply = ask(self._url, "/v1/messages", body, headers=KEY, timeout=60)
            if reply.status != 200 or reply.cut or (stream and b"message_stop" not in reply.body):
                self.failed.append(f"{reply.status} {reply.body[-300:]!r}")
            self.done += 1


def held(gateway: Gateway) -> tuple[int, int]:
    """Bytes of memory and open files of the gateway's processes."""
    root = psutil.Process(gateway.pid)
    every = (root, *root.children(recursive=True))
    return sum(each.memory_info().rss for each in every), sum(each.num_fds() for each in every)


@pytest.mark.parametrize("workers", [1, 2])
def test_fifty_configurations_under_load(workers: int) -> None:
    stop = threading.Event()
    with (
        FakeProvider() as one,
        FakeProvider() as other,
        Gateway(config(one.url, 0), args=["--workers", str(workers)], env={"FAKE_KEY": GOOD_KEY}) as gateway,
    ):
        callers = [Caller(gateway.url, stop) for _ in range(4)]
        before = (0, 0)
        for number in range(1, RELOADS + 1):
            gateway.write_config(config((one, other)[number % 2].url, number))
            reply = ask(gateway.url, "/config/reload", b"", headers=KEY, timeout=60)
            assert reply.status == 200, reply.body
            listed = {each["id"] for each in ask(gateway.url, "/v1/models", headers=KEY).json["data"]}
            assert {f"spare-{number}-0", "m"} <= listed
            assert f"spare-{number - 1}-0" not in listed
            if number == SETTLED:
                before = held(gateway)
            time.sleep(0.1)
        memory, files = held(gateway)
        stop.set()
        for each in callers:
            each.join(60)
        assert [failed for each in callers for failed in each.failed] == []
        assert sum(each.done for each in callers) > RELOADS
        assert one.talks
        assert other.talks
        assert memory - before[0] < 10e6 * (workers + 1), f"{before[0] / 1e6:.0f} MB became {memory / 1e6:.0f}"
        assert files - before[1] < 40, f"{before[1]} open files became {files}"
