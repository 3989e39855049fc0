"""A provider's errors: as they are on their own wire, readable where they are not, and never with a key in them."""

from __future__ import annotations

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway
from tests.wall.asking import ask, until
from tests.wall.scenes import ALL, CHAT, DIRECT, FOUR, KEY, MESSAGES, RESPONSES, ZAI_CHAT, ZAI_MESSAGES, Scene, name_of

STATUSES = [400, 401, 402, 403, 404, 413, 429, 500, 503, 529]
PRINTABLE = set(map(chr, range(0x20, 0x7F)))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("scene", ALL, ids=name_of)
def test_an_error_comes_as_the_provider_sent_it(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, status: int
) -> None:
    stream = status % 2 == 0
    text = f"ERR={status}"
    own = ask(fake_provider.url, scene.upstream, scene.body(text, stream=stream, model=scene.told), headers=DIRECT)
    fake_provider.reset()
    reply = ask(wall.url, scene.path, scene.body(text, stream=stream), headers=KEY)
    assert (own.status, reply.status) == (status, status)
    assert reply.body == own.body
    assert reply.header("content-type") == "application/json"
    # Z.AI's empty pot (1113) is looked for at the sister address, once, where no plan is written.
    assert len(fake_provider.talks) == (2 if (scene.name, status) == ("zai_chat", 402) else 1)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429])
@pytest.mark.parametrize("scene", (*FOUR, ZAI_MESSAGES, ZAI_CHAT), ids=name_of)
def test_the_remedy_stands_in_a_header_that_can_be_printed(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, status: int
) -> None:
    reply = ask(wall.url, scene.path, scene.body(f"ERR={status} MSG=été✗"), headers=KEY)
    hint = reply.header("x-trunkline-hint") or ""
    assert len(hint) > 10
    assert set(hint) <= PRINTABLE
    assert "{" not in hint


@pytest.mark.parametrize("status", [401, 402, 403])
def test_what_no_retry_can_mend_says_so(wall: Gateway, fake_provider: FakeProvider, status: int) -> None:
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body(f"ERR={status}"), headers=KEY)
    assert reply.header("x-should-retry") == "false"
    busy = ask(wall.url, MESSAGES.path, MESSAGES.body("ERR=429"), headers=KEY)
    assert busy.header("x-should-retry") is None


def test_a_wrong_provider_key_names_its_variable(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body("ERR=401"), headers=KEY)
    assert "FAKE_KEY" in (reply.header("x-trunkline-hint") or "")
    until(lambda: "FAKE_KEY" in wall.stderr)


@pytest.mark.parametrize(
    ("word", "name", "value"),
    [("2", "retry-after", "2"), ("1.5", "retry-after", "1.5"), ("ms:250", "retry-after-ms", "250")],
)
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_the_wait_that_the_provider_asks_for_is_kept(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, word: str, name: str, value: str
) -> None:
    reply = ask(wall.url, scene.path, scene.body(f"ERR=429 RETRY={word}"), headers=KEY)
    assert reply.header(name) == value


def test_a_date_to_wait_for_is_kept(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, CHAT.path, CHAT.body("ERR=429 RETRY=date:30"), headers=KEY)
    assert (reply.header("retry-after") or "").endswith("GMT")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", ["HTML=502", "HTML=403", "HTML=200", "JUNK", "JUNK ERR=500"])
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_what_is_no_error_of_the_wire_is_rendered_as_one(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str, stream: bool
) -> None:
    reply = ask(wall.url, scene.path, scene.body(fault, stream=stream), headers=KEY)
    expected = {"HTML=403": 403, "JUNK ERR=500": 500}.get(fault, 502)
    assert reply.status == expected
    assert reply.header("content-type") == "application/json"
    assert scene.is_error(reply.json), reply.body
    assert "<" not in reply.message


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_an_error_under_a_wrong_content_type_is_corrected(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = ask(wall.url, scene.path, scene.body("ERR=400 MSG=no_way CTYPE=text/html"), headers=KEY)
    assert reply.status == 400
    assert reply.header("content-type") == "application/json"
    assert reply.message == "no_way"


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_whole_answer_under_a_wrong_content_type_is_corrected(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = ask(wall.url, scene.path, scene.body("SAY=ok CTYPE=text/plain"), headers=KEY)
    assert reply.status == 200
    assert reply.header("content-type") == "application/json"


@pytest.mark.parametrize("scene", [scene for scene in ALL if scene.shape != "ollama"], ids=name_of)
def test_an_echoed_key_is_redacted_everywhere(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    fake_provider.program({"status": 400, "echo_key": True, "headers": {"x-echo": f"key {GOOD_KEY}"}})
    before = len(wall.stderr)
    reply = ask(wall.url, scene.path, scene.body("Hi"), headers=KEY)
    assert reply.status == 400
    assert "Incorrect API key provided: [redacted]" in reply.message
    assert GOOD_KEY not in reply.head
    assert GOOD_KEY.encode() not in reply.body
    assert GOOD_KEY not in wall.stderr[before:]


@pytest.mark.parametrize("fault", ["error_in_200", "error_first", "error_after"])
@pytest.mark.parametrize("scene", (MESSAGES, CHAT, RESPONSES), ids=name_of)
def test_a_key_inside_an_error_that_came_with_status_200_is_redacted(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    wrong = {"error_after": 2} if fault == "error_after" else {fault: True}
    fake_provider.program({**wrong, "message": f"bad key {GOOD_KEY}"})
    before = len(wall.stderr)
    reply = ask(wall.url, scene.path, scene.body("Hi", stream=fault != "error_in_200"), headers=KEY)
    assert GOOD_KEY.encode() not in reply.body
    assert GOOD_KEY not in reply.head
    assert GOOD_KEY not in wall.stderr[before:]


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_an_error_inside_a_200_becomes_an_error(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    for stream in (False, True):
        reply = ask(wall.url, scene.path, scene.body("ERR200 MSG=inside", stream=stream), headers=KEY)
        assert reply.status >= 500
        assert scene.is_error(reply.json)
        assert "inside" in reply.message


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_an_error_as_first_event_becomes_a_real_status(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = ask(wall.url, scene.path, scene.body("ERRFIRST MSG=at_once", stream=True), headers=KEY)
    assert reply.status >= 500
    assert reply.status == 529 or scene is not MESSAGES
    assert reply.header("content-type") == "application/json"
    assert scene.is_error(reply.json), reply.body
    assert "at_once" in reply.message


@pytest.mark.parametrize("kind,status", [("rate_limit_error", 429), ("invalid_request_error", 400), ("api_error", 500)])
def test_the_first_events_own_kind_decides_the_status(
    wall: Gateway, fake_provider: FakeProvider, kind: str, status: int
) -> None:
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body(f"ERRFIRST ERRTYPE={kind}", stream=True), headers=KEY)
    assert reply.status == status
    assert reply.json["error"]["type"] == kind


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_an_unknown_model_of_the_provider_is_its_own_error(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = ask(wall.url, scene.path, scene.body("ERR=404 MSG=model:_missing"), headers=KEY)
    assert reply.status == 404
    assert reply.message == "model:_missing"


def test_zais_purse_error_says_how_to_mend_it(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, ZAI_CHAT.path, ZAI_CHAT.body("CODE=1113"), headers=KEY)
    assert reply.status == 429
    assert reply.json["error"]["code"] == "1113"
    assert "plan: coding" in (reply.header("x-trunkline-hint") or "")
