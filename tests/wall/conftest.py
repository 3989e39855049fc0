"""The wall's gateway: a real process in front of the fake provider, shared by all tests that need nothing special."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.scenes import config

_MORE = "trunkline: {limits: {idle: 1, body: 300000}}"


@pytest.fixture(scope="session")
def _wall(fake_server: FakeProvider) -> Iterator[Gateway]:
    text = config(fake_server.url, more=_MORE)
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY), allow_traceback=True) as gateway:
        yield gateway


@pytest.fixture
def wall(_wall: Gateway, fake_provider: FakeProvider) -> Iterator[Gateway]:
    """The gateway, behind which the fake has forgotten everything. No test may make it log a traceback or end."""
    before = len(_wall.stderr)
    yield _wall
    logged = _wall.stderr[before:]
    sys.stdout.write(logged)
    assert _wall.process.poll() is None, "the gateway ended"
    assert "Traceback (most recent call last)" not in logged, f"the gateway logged a traceback\n{logged}"
