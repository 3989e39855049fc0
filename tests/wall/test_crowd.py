"""How many requests a process carries at once is bounded, and whoever is one too many is told so."""

from __future__ import annotations

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, provider_environment
from tests.wall.asking import ask, streaming, until
from tests.wall.scenes import CHAT, KEY, MESSAGES, config

GENERAL = f"{{master_key: {MASTER_KEY}, global_max_parallel_requests: 2}}"


@pytest.mark.parametrize("way", ["litellms", "own"])
def test_one_too_many_is_told_to_come_again(fake_provider: FakeProvider, way: str) -> None:
    more = "trunkline: {limits: {streams: 2}}" if way == "own" else ""
    text = config(fake_provider.url, more=more, **({} if way == "own" else {"general": GENERAL}))
    with Gateway(text, env=provider_environment(fake_provider.url, GOOD_KEY)) as gateway:
        body = CHAT.body("LONG=200 SLOW=50", stream=True)
        with (
            streaming(gateway.url, CHAT.path, body, headers=KEY) as one,
            streaming(gateway.url, CHAT.path, body, headers=KEY) as other,
        ):
            assert one.read1(10) and other.read1(10)
            for scene in (CHAT, MESSAGES):
                reply = ask(gateway.url, scene.path, scene.body("SAY=x"), headers=KEY)
                assert (reply.status, reply.header("retry-after")) == (503, "1")
                assert scene.is_error(reply.json)
                assert "2 requests are in flight" in reply.message
                assert "`global_max_parallel_requests`" in reply.message
            assert ask(gateway.url, "/health").status == 200, "pages are answered all the same"
        assert len(fake_provider.talks) == 2
        until(lambda: ask(gateway.url, CHAT.path, CHAT.body("SAY=x"), headers=KEY).status == 200)
