"""Fixtures for all tests: the fake provider, one server for the session, made forgetful before each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.fake import FakeProvider

# How long an example takes says how busy the machine is. CI tries the same examples every time, so that a change is
# judged by itself; anywhere else they are drawn anew, and EXAMPLES and `make fuzz` look for more.
settings.register_profile(
    "ours", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("ours")


@pytest.fixture(scope="session")
def fake_server() -> Iterator[FakeProvider]:
    """The session's fake provider, as it stands; use `fake_provider` unless a session-wide fixture needs its URL."""
    with FakeProvider() as fake:
        yield fake


@pytest.fixture
def fake_provider(fake_server: FakeProvider) -> FakeProvider:
    """The fake provider with no requests seen, nothing on the bill, nothing programmed."""
    fake_server.reset()
    return fake_server
