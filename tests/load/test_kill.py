"""Kills without warning, under load: every request that reached the provider has its row."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import sqlite3
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway, config_for, provider_environment

pytestmark = [pytest.mark.load, pytest.mark.skipif(os.name == "nt", reason="there is one worker on Windows")]

KILLS = 20
CLIENTS = 6
SESSION = "x-claude-code-session-id"


class Load:
    """A few clients that ask one request after another, each with a name of its own, until told to stop."""

    def __init__(self) -> None:
        self.port = 0
        self.answered = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()

    def _run(self, nth: int) -> None:
        while not self._stop.is_set():
            try:
                self._one(streamed=nth % 2 == 0)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # the gateway was killed under this client, or is not back yet

    def _one(self, *, streamed: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            ask = {
                "model": "claude-sonnet-5-5",
                "max_tokens": 50,
                "stream": streamed,
                "messages": [{"role": "user", "content": "LONG=12 SLOW=5"}],
            }
            headers = {
                "content-type": "application/json",
                "x-api-key": "sk-test-master-1234",
                SESSION: str(uuid.uuid4()),
            }
            connection.request("POST", "/v1/messages", json.dumps(ask), headers)
            answer = connection.getresponse()
            answer.read()
            self.answered += answer.status == 200
        finally:
            connection.close()


def family(pid: int) -> list[psutil.Process]:
    """A gateway's parent and its workers."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def booked(home: Path) -> dict[str, int]:
    """How many rows each session has in the ledger."""
    ledger = sqlite3.connect(home / "trunkline" / "ledger.sqlite")
    try:
        return dict(ledger.execute("SELECT session, COUNT(*) FROM attempts GROUP BY session").fetchall())
    finally:
        ledger.close()


def test_twenty_kills_lose_no_row(tmp_path: Path) -> None:
    chance = random.Random(7)
    with FakeProvider(keep_bodies=False) as fake:

        def gateway(port: int = 0) -> Gateway:
            env = provider_environment(fake.url, "sk-fake-good")
            return Gateway(config_for(fake.url), args=["--workers", "2"], port=port, env=env, home=tmp_path).start()

        running = gateway()
        load = Load()
        load.port = urlsplit(running.url).port or 0
        load.start()
        died = {"worker": 0, "whole": 0}
        for nth in range(KILLS):
            time.sleep(0.2 + chance.random() * 0.4)
            if nth % 4 == 3:
                for process in family(running.pid):
                    process.send_signal(signal.SIGKILL)
                running.kill()
                running = gateway(load.port)
                died["whole"] += 1
            else:
                # Both may have died a moment ago: the next ones come.
                while not (workers := family(running.pid)[1:]):
                    time.sleep(0.01)
                chance.choice(workers).send_signal(signal.SIGKILL)
                died["worker"] += 1
        time.sleep(0.5)
        load.stop()
        assert running.stop() == 0, running.logs[-3000:]
        reached = [seen.header(SESSION) for seen in fake.talks]
        rows = booked(tmp_path)
    assert sum(died.values()) == KILLS
    assert load.answered > 50, load.answered
    missing = [session for session in reached if session not in rows]
    assert not missing, f"{len(missing)} of {len(reached)} requests that reached the provider have no row"
    assert all(count == 1 for count in rows.values())


def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        env = provider_environment(fake.url, "sk-fake-good")
        gateway = Gateway(config_for(fake.url), args=["--workers", "2"], env=env, home=tmp_path).start()
        until = time.monotonic() + 10
        while len(family(gateway.pid)) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        _, *workers = family(gateway.pid)
        assert len(workers) == 2
        time.sleep(0.5)
        gateway.process.kill()
        _, alive = psutil.wait_procs(workers, timeout=10)
        for process in alive:
            process.kill()
        gateway.kill()
        assert not alive


def test_a_second_gateway_on_the_port_is_refused(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        env = provider_environment(fake.url, "sk-fake-good")
        with Gateway(config_for(fake.url), args=["--workers", "2"], env=env) as first:
            port = urlsplit(first.url).port or 0
            with pytest.raises(AssertionError, match=f"Port {port}"):
                Gateway(config_for(fake.url), env=env, port=port, home=tmp_path).start()
