"""What is written down: one row for every attempt, one line for every request, and never a secret."""

from __future__ import annotations

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import ask, until
from tests.wall.scenes import ALL, CHAT, COMPLETIONS, FOUR, KEY, MESSAGES, OLLAMA, RESPONSES, SIX, Scene, name_of, rows

USAGE = "IN=1000 OUT=50 CACHED=300"


def cached(scene: Scene) -> int:
    """How many of the cached tokens the wire tells."""
    return 0 if scene.shape == "ollama" or scene is COMPLETIONS else 300


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scene", ALL, ids=name_of)
def test_a_row_tells_who_asked_what_and_what_was_used(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    headers = {**KEY, "x-claude-code-session-id": "s-7", "x-litellm-tags": "blue, red"}
    reply = ask(wall.url, scene.path, scene.body(f"SAY=ok {USAGE}", stream=stream), headers=headers)
    (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
    assert (row["asked"], row["status"], row["outcome"]) == (scene.asked, 200, "ok")
    assert row["model"] == scene.told
    assert (row["key"], row["session"], row["tags"]) == ("master", "s-7", '["blue","red"]')
    assert row["streamed"] == stream
    assert row["operation"] == scene.name.removeprefix("zai_")
    assert row["estimated"] == 0
    if scene is not COMPLETIONS:
        assert row["cache_read"] == cached(scene)
    assert row["input"] + row["cache_read"] == 1000
    assert row["output"] == 50
    assert 0 <= row["first_token_ms"] <= row["ended_ms"] - row["started_ms"] + 2
    assert row["stop"]


def test_cache_writes_are_counted_apart(wall: Gateway, fake_provider: FakeProvider) -> None:
    for stream in (False, True):
        body = MESSAGES.body("SAY=ok IN=1000 CACHED=300 WRITTEN=200 OUT=9", stream=stream)
        reply = ask(wall.url, MESSAGES.path, body, headers=KEY)
        (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
        assert (row["input"], row["cache_read"], row["cache_write"], row["output"]) == (500, 300, 200, 9)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scene", (CHAT, COMPLETIONS, RESPONSES), ids=name_of)
def test_the_cost_is_the_files_price_to_the_nano_dollar(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    reply = ask(wall.url, scene.path, scene.body("SAY=ok IN=1000 OUT=50", stream=stream), headers=KEY)
    (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
    assert row["billed_nano"] == 1000 * 1000 + 50 * 2000
    assert row["priced"] == 1
    if not stream:
        assert reply.header("x-litellm-response-cost") == "0.0011"


def test_a_local_model_costs_nothing_and_says_so(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, OLLAMA.path, OLLAMA.body("SAY=ok"), headers=KEY)
    (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
    assert (row["billed_nano"], row["priced"]) == (0, 1)


@pytest.mark.parametrize(
    ("fault", "status", "outcome"),
    [
        ("ERR=401", 401, None),
        ("ERR=429", 429, None),
        ("ERR=500", 500, None),
        ("HTML=502", 502, None),
        ("ERR200", 200, "provider_garbage"),
        ("TRUNC", 200, "provider_cut"),
    ],
)
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_failure_has_its_row(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str, status: int, outcome: str | None
) -> None:
    reply = ask(wall.url, scene.path, scene.body(f"Hi {fault}"), headers=KEY)
    assert reply.status >= 400
    (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
    assert row["status"] == status
    assert row["outcome"] not in ("ok", "")
    assert outcome is None or row["outcome"] == outcome
    if status >= 400:
        assert (row["input"], row["output"], row["billed_nano"]) == (0, 0, 0)


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_an_error_in_mid_stream_is_in_the_books_with_what_was_said(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = ask(wall.url, scene.path, scene.body("Hi LONG=9 ERRMID=6", stream=True), headers=KEY)
    (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
    assert row["outcome"] not in ("ok", "")
    assert row["output"] >= 6
    assert row["estimated"] == 1


def test_what_never_reached_a_provider_has_no_row(wall: Gateway, fake_provider: FakeProvider) -> None:
    lost = [
        ask(wall.url, CHAT.path, CHAT.body("Hi", model="nobody"), headers=KEY),
        ask(wall.url, CHAT.path, CHAT.body("Hi"), headers={}),
    ]
    good = ask(wall.url, CHAT.path, CHAT.body("SAY=ok"), headers=KEY)
    rows(wall, good.header("x-litellm-call-id") or "")
    for reply in lost:
        with pytest.raises(AssertionError):
            rows(wall, reply.header("x-litellm-call-id") or "", within=0.1)


@pytest.mark.parametrize("scene", SIX, ids=name_of)
def test_a_request_has_one_line_in_the_log(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    reply = ask(wall.url, scene.path, scene.body(f"SAY=ok {USAGE}", stream=True), headers=KEY)
    call = reply.header("x-litellm-call-id") or "?"
    until(lambda: call in wall.stderr)
    (line,) = [line for line in wall.stderr.splitlines() if call in line]
    for part in (
        f"asked={scene.asked}",
        "status=200",
        "outcome=ok",
        "key=master",
        "out=50",
        "first_ms=",
        " ms=",
        "cost=",
    ):
        assert part in line, line


def test_a_refused_request_has_a_line_that_says_why(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, CHAT.path, CHAT.body("Hi", model="gpt-wal"), headers=KEY)
    call = reply.header("x-litellm-call-id") or "?"
    until(lambda: call in wall.stderr)
    (line,) = [line for line in wall.stderr.splitlines() if call in line]
    assert "status=404" in line
    assert "Did you mean 'gpt-wall'?" in line


def test_a_line_stays_one_line_whatever_the_client_says(wall: Gateway, fake_provider: FakeProvider) -> None:
    before = len(wall.stderr)
    evil = "x\n2026-01-01T00:00:00.000Z info request id=forged\x1b[31m"
    reply = ask(wall.url, CHAT.path, CHAT.body("Hi", model=evil), headers=KEY)
    assert reply.status == 404
    ask(wall.url, CHAT.path, CHAT.body("ERR=400 MSG=a", user=evil), headers={**KEY, "x-session-id": "a b"})
    fake_provider.program({"status": 500, "message": evil})
    ask(wall.url, CHAT.path, CHAT.body("Hi"), headers=KEY)
    until(lambda: wall.stderr.count("\n", before) >= 4)
    lines = wall.stderr[before:].splitlines()
    assert not [line for line in lines if line.startswith("2026-01-01")]
    assert "\x1b" not in wall.stderr[before:]


def test_no_secret_is_ever_logged(wall: Gateway, fake_provider: FakeProvider) -> None:
    client = "sk-test-secret-of-client"
    for scene in FOUR:
        headers = {**KEY, "x-api-key": client}
        ask(wall.url, f"{scene.path}?key={client}", scene.body("ERR=401 ECHOKEY"), headers=headers)
        ask(wall.url, scene.path, scene.body("Hi"), headers={"authorization": f"Bearer {client}"})
    until(lambda: wall.stderr.count("\n") > 5, within=1)
    for secret in (client, GOOD_KEY, MASTER_KEY):
        assert secret not in wall.logs
