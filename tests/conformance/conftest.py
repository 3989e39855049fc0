"""The door that real clients knock at: a gateway in front of the fake provider, started once for the session.

With TRUNKLINE_CONFORMANCE_DIRECT=1 the door is the fake provider itself, which proves that the fake is what the clients
expect before a gateway is blamed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, config_for, provider_environment

DIRECT = bool(os.environ.get("TRUNKLINE_CONFORMANCE_DIRECT"))


@dataclass(frozen=True, slots=True)
class Door:
    """Where the client is sent, and with which key. `url` is an origin; OpenAI clients want `v1`."""

    url: str
    key: str
    bad_key: str = "sk-fake-wrong"

    @property
    def v1(self) -> str:
        return f"{self.url}/v1"


LIMIT = 90
"""Seconds a test may take. A client's own time-out counts from byte to byte, so pings would keep it waiting for ever."""


@pytest.fixture(autouse=True)
def _limit() -> Iterator[None]:
    """Fail a test that takes too long, with the stack where it stood."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(*_: object) -> None:
        pytest.fail(f"not done within {LIMIT} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def _gateway(fake_server: FakeProvider) -> Iterator[Gateway | None]:
    if DIRECT:
        yield None
        return
    with Gateway(config_for(fake_server.url), env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.fixture
def door(_gateway: Gateway | None, fake_provider: FakeProvider) -> Iterator[Door]:
    """The session's door, behind which the fake provider has just forgotten everything.

    What the gateway logged during a test is printed, so that it stands beside a failure.
    """
    if _gateway is None:
        yield Door(fake_provider.url, GOOD_KEY)
        return
    _gateway.check_alive()
    before = len(_gateway.stderr), len(_gateway.stdout)
    yield Door(_gateway.url, MASTER_KEY)
    sys.stdout.write(_gateway.stdout[before[1] :] + _gateway.stderr[before[0] :])
    _gateway.check_alive()
