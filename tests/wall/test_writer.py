"""A gateway with much to write: a process of its own writes the ledger, and may be killed like any other."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway, config_for, provider_environment
from trunkline.state.lock import FileLock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="`kill -9` and more than one worker are POSIX")

MUCH = 300
WITHIN = 15.0


def rows(home: Path) -> int:
    ledger = sqlite3.connect(home / "trunkline" / "ledger.sqlite")
    try:
        return int(ledger.execute("SELECT COUNT(DISTINCT attempt) FROM attempts").fetchone()[0])
    finally:
        ledger.close()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def writers(gateway: Gateway) -> list[psutil.Process]:
    found = psutil.Process(gateway.pid).children(recursive=True)
    return [each for each in found if "trunkline.serve.writer" in " ".join(each.cmdline())]


def ask(gateway: Gateway, count: int) -> None:
    body = {"model": "claude-sonnet-5-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    with httpx.Client(headers={"x-api-key": "sk-test-master-1234"}) as client:
        for _ in range(count):
            assert client.post(f"{gateway.url}/v1/messages", json=body).status_code == 200


@pytest.mark.parametrize("workers", ["1", "2"])
def test_much_is_written_beside_the_gateway_and_nothing_is_lost_with_the_writer(tmp_path: Path, workers: str) -> None:
    home = tmp_path / "trunkline"
    home.mkdir(mode=0o700)
    # As if somebody else had the ledger until now: so all of it waits, however slow this machine is.
    busy = FileLock(home / "fold.lock")
    assert busy.obtain()
    with FakeProvider(keep_bodies=False) as fake:
        environment = provider_environment(fake.url, "sk-fake-good")
        with Gateway(config_for(fake.url), args=["--workers", workers], env=environment, home=tmp_path) as gateway:
            ask(gateway, MUCH)
            assert not writers(gateway)
            busy.release()
            until(lambda: writers(gateway) and rows(tmp_path) == MUCH)
            [writer] = writers(gateway)
            ask(gateway, 20)
            until(lambda: rows(tmp_path) == MUCH + 20)
            writer.kill()
            ask(gateway, 20)
            until(lambda: rows(tmp_path) == MUCH + 40)
            assert "the process that wrote the ledger ended (-9)" in gateway.logs
        assert not writer.is_running()
