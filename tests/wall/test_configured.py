"""What a configuration asks for and does not get is told at the start, and where the gateway is asked how it is."""

from __future__ import annotations

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, provider_environment
from tests.wall.asking import ask, until
from tests.wall.scenes import config


def test_a_database_that_is_not_used_is_said_at_the_start_and_in_readiness(fake_provider: FakeProvider) -> None:
    text = config(fake_provider.url, general=f"{{master_key: {MASTER_KEY}, database_url: os.environ/RECORD}}")
    environ = provider_environment(fake_provider.url, GOOD_KEY) | {"RECORD": "postgresql://llm:hidden-word@db/llm"}
    with Gateway(text, env=environ) as gateway:
        ready = ask(gateway.url, "/health/readiness").json
        assert (ready["db"], ready["db_configured"]) == ("sqlite", "RECORD")
        until(lambda: "keeps its record in SQLite" in gateway.logs)
        assert "hidden-word" not in gateway.logs
