"""The wall's gateway: a real process in front of the fake provider, shared by all tests that need nothing special."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.scenes import config, scripted_rows
from tests.wall.scripted import Scripted

_MORE = "trunkline: {limits: {idle: 1, body: 300000, answer: 2000000}}"


@pytest.fixture(scope="session")
def _scripted() -> Iterator[Scripted]:
    with Scripted() as provider:
        yield provider


@pytest.fixture
def scripted(_scripted: Scripted) -> Iterator[Scripted]:
    """The provider behind the gateway's models `…-script`, which says whatever its `pieces` are."""
    _scripted.pieces, _scripted.pause, _scripted.requests = (), 0.02, 0
    yield _scripted


@pytest.fixture(scope="session")
def _wall(fake_server: FakeProvider, _scripted: Scripted) -> Iterator[Gateway]:
    text = config(fake_server.url, more=_MORE, rows=scripted_rows(_scripted.url))
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
