"""What LiteLLM's clients say of a request reaches the ledger, and no provider that would refuse it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import ask
from tests.wall.scenes import CHAT, KEY, MESSAGES, RESPONSES, Scene, config, name_of, rows

OWN = {"tags": ["night", "batch"], "user_id": "ana", "session_id": "s-1", "generation_name": "summary", "depth": 2}


def written(gateway: Gateway, scene: Scene, headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """The row of a call with these headers and members."""
    reply = ask(gateway.url, scene.path, scene.body("SAY=ok", **more), headers={**KEY, **(headers or {})})
    assert reply.status == 200, reply.body
    (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
    return dict(row)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ({"x-litellm-session-id": "s-9", "x-session-id": "s-8"}, ("", "s-9")),
        ({"x-litellm-trace-id": "t-9"}, ("", "t-9")),
        ({"x-litellm-customer-id": "ana"}, ("ana", "")),
        ({"x-litellm-end-user-id": "ben"}, ("ben", "")),
    ],
)
def test_headers_name_the_end_user_and_the_session(
    wall: Gateway, fake_provider: FakeProvider, head: dict[str, str], told: tuple[str, str]
) -> None:
    row = written(wall, CHAT, head)
    assert (row["user"] or "", row["session"] or "") == told


def test_metadata_of_litellms_is_read_and_not_sent(wall: Gateway, fake_provider: FakeProvider) -> None:
    row = written(wall, CHAT, {"x-litellm-tags": "head"}, metadata=OWN, seed=7)
    assert (row["user"], row["session"], row["tags"]) == ("ana", "s-1", '["head","night","batch"]')
    (seen,) = fake_provider.talks
    assert seen.json["seed"] == 7
    assert "metadata" not in seen.json, "OpenAI refuses a list in it"


def test_metadata_of_openais_passes_as_it_is(wall: Gateway, fake_provider: FakeProvider) -> None:
    row = written(wall, CHAT, metadata={"session_id": "s-2", "topic": "x"})
    assert row["session"] == "s-2"
    assert fake_provider.talks[0].json["metadata"] == {"session_id": "s-2", "topic": "x"}
    for empty in (None, dict[str, str]()):
        written(wall, CHAT, metadata=empty)
        assert fake_provider.talks[-1].json["metadata"] == empty


@pytest.mark.parametrize("scene", [CHAT, MESSAGES, RESPONSES], ids=name_of)
def test_litellms_own_members_are_read_at_every_wire(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    row = written(wall, scene, litellm_metadata=OWN, litellm_trace_id="t-1", tags=["day"])
    assert (row["user"], row["session"], row["tags"]) == ("ana", "s-1", '["day","night","batch"]')
    row = written(wall, scene, litellm_session_id="s-3")
    assert row["session"] == "s-3"
    for seen in fake_provider.talks:
        assert not seen.json.keys() & {"litellm_metadata", "litellm_trace_id", "litellm_session_id", "tags"}


def test_metadata_of_a_vendors_own_means_what_it_meant(wall: Gateway, fake_provider: FakeProvider) -> None:
    row = written(wall, MESSAGES, metadata={"user_id": "ana"})
    assert (row["user"], row["tags"]) == ("ana", "[]")
    assert fake_provider.talks[0].json["metadata"] == {"user_id": "ana"}


def test_what_is_no_list_of_tags_is_the_providers_to_judge(wall: Gateway, fake_provider: FakeProvider) -> None:
    written(wall, CHAT, tags={"a": "b"}, metadata="odd")
    assert fake_provider.talks[0].json["tags"] == {"a": "b"}
    assert fake_provider.talks[0].json["metadata"] == "odd"


@pytest.mark.parametrize("scene", [CHAT, MESSAGES, RESPONSES], ids=name_of)
@pytest.mark.parametrize("place", ["guardrails", "litellm_metadata"])
def test_a_request_that_asks_to_be_guarded_is_refused(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, place: str
) -> None:
    more = {"guardrails": ["pii"]} if place == "guardrails" else {"litellm_metadata": {"guardrails": ["pii"]}}
    reply = ask(wall.url, scene.path, scene.body("SAY=ok", **more), headers=KEY)
    assert reply.status == 400
    assert scene.is_error(reply.json)
    assert "guardrails" in reply.message and "--ignore guardrails" in reply.message
    assert not fake_provider.requests
    written(wall, scene, guardrails=[])
    assert "guardrails" not in fake_provider.talks[0].json


def test_guardrails_may_be_done_without_where_that_is_insisted_on(fake_provider: FakeProvider) -> None:
    env = provider_environment(fake_provider.url, GOOD_KEY)
    with Gateway(config(fake_provider.url), args=["--ignore", "guardrails"], env=env) as gateway:
        written(gateway, CHAT, guardrails=["pii"])
    assert "guardrails" not in fake_provider.talks[0].json
