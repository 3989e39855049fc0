"""What docs/litellm.md says of each of LiteLLM's pages is what a gateway answers there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tools.litellm_pages import Pages, asks, here, listed

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import ask
from tests.wall.scenes import KEY, config

BODY = {
    "model": "gpt-wall",
    "messages": [{"role": "user", "content": "hi"}],
    "prompt": "hi",
    "input": "hi",
    "max_tokens": 9,
}
NOT_HERE = {"unknown_path", "method_not_allowed"}


@pytest.fixture(scope="module")
def own(fake_server: FakeProvider) -> Iterator[Gateway]:
    """A gateway of these tests' own, since some of what they ask makes keys and users."""
    with Gateway(config(fake_server.url), env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.mark.parametrize("row", [row for rows in listed().values() for row in rows], ids=lambda row: row.what)
def test_a_page_is_there_or_is_not(own: Gateway, fake_provider: FakeProvider, row: Pages) -> None:
    for method, path in asks(row):
        path = re.sub(r"\{\w+\}", "gpt-wall", path)
        body = {name: BODY[name] for name in BODY if name != "model" or not row.nameless}
        before = len(fake_provider.requests)
        reply = ask(own.url, path, body if method == "POST" else None, method=method, headers=KEY)
        told = reply.json.get("error") if reply.body[:1] == b"{" else None
        code = told.get("code") if isinstance(told, dict) else None
        match here(method, path, nameless=row.nameless):
            case "yes":
                assert code not in NOT_HERE, path
            case "relayed":
                assert len(fake_provider.requests) == before + 1, path
            case "no":
                assert reply.status in (400, 404, 405), path
                assert len(fake_provider.requests) == before, path
