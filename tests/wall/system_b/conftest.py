"""What the tests of the chain share: three providers, and the service with both keys and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.system_b.service import Providers, service


@pytest.fixture(scope="package")
def _fakes() -> Iterator[Providers]:
    with FakeProvider() as claude, FakeProvider() as gpt, FakeProvider(models=("neural-chat", "mistral")) as ollama:
        yield Providers(claude, gpt, ollama)


@pytest.fixture
def fakes(_fakes: Providers) -> Providers:
    """The three, having forgotten everything."""
    for one in (_fakes.claude, _fakes.gpt, _fakes.ollama):
        one.reset()
    return _fakes


@pytest.fixture(scope="package")
def _whole(_fakes: Providers) -> Iterator[Gateway]:
    with service(_fakes) as gateway:
        yield gateway


@pytest.fixture
def whole(_whole: Gateway, fakes: Providers) -> Gateway:
    """The service with both keys, and nothing changed."""
    return _whole
