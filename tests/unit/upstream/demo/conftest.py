"""The official SDKs, pointed at the demo over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import ollama
import openai
import pytest

from tests.unit.upstream.demo.serving import served


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture
def claude(origin: str) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="sk-test-1", base_url=origin, max_retries=0) as client:
        yield client


@pytest.fixture
def gpt(origin: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-test-1", base_url=f"{origin}/v1", max_retries=0) as client:
        yield client


@pytest.fixture
def llama(origin: str) -> Iterator[ollama.Client]:
    with ollama.Client(host=origin) as client:
        yield client
