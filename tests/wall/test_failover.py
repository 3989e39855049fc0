"""What is tried when a deployment fails: the next one, as often as was said and not once more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, nobodys_port
from tests.wall.asking import ask, until
from tests.wall.scenes import CHAT, KEY, MESSAGES, RESPONSES, Scene, name_of, rows

THREE = (MESSAGES, CHAT, RESPONSES)


@pytest.fixture(scope="module")
def chained(fake_server: FakeProvider) -> Iterator[Gateway]:
    """`pair`: two models by `order`; `dead`: nobody listens, then one; `main` falls back to `spare`; `keyless` alone."""
    url, dead = fake_server.url, f"http://127.0.0.1:{nobodys_port()}"
    lines = []
    for kind, base, mid in (("anthropic", "{0}", "claude-sonnet-5-5"), ("openai", "{0}/v1", "wall")):
        end = "-a" if kind == "anthropic" else "-o"
        for name, model, at, key, more in (
            ("pair", f"{mid}-1", url, "os.environ/FAKE_KEY", ", order: 1"),
            ("pair", f"{mid}-2", url, "os.environ/FAKE_KEY", ", order: 2"),
            ("dead", f"{mid}-1", dead, "os.environ/FAKE_KEY", ", order: 1"),
            ("dead", f"{mid}-2", url, "os.environ/FAKE_KEY", ", order: 2"),
            ("main", f"{mid}-1", url, "os.environ/FAKE_KEY", ""),
            ("spare", f"{mid}-2", url, "os.environ/FAKE_KEY", ""),
            ("lost", f"{mid}-1", dead, "os.environ/FAKE_KEY", ""),
            ("keyless", f"{mid}-1", url, "os.environ/UNSET_KEY", ""),
            ("blank", f"{mid}-1", url, '"<your-token>"', ""),
            ("half", f"{mid}-1", url, "os.environ/UNSET_KEY", ", order: 1"),
            ("half", f"{mid}-2", url, "os.environ/FAKE_KEY", ", order: 2"),
            ("once", f"{mid}-1", url, "os.environ/FAKE_KEY", ", max_retries: 0"),
        ):
            lines.append(
                f'  - {{model_name: {name}{end}, litellm_params: {{model: {kind}/{model}, api_base: "{base.format(at)}",'
                f" api_key: {key}{more}}}}}"
            )
    for model, at, order in (("anthropic/claude-sonnet-5-5-1", url, 1), ("openai/wall-2", f"{url}/v1", 2)):
        lines.append(
            f'  - {{model_name: mixed, litellm_params: {{model: {model}, api_base: "{at}", api_key: os.environ/FAKE_KEY,'
            f" order: {order}}}}}"
        )
    text = "\n".join(
        [
            "model_list:",
            *lines,
            "router_settings: {num_retries: 1, disable_cooldowns: true, fallbacks: [{main-a: [spare-a]}, {main-o: [spare-o]}, {keyless-x: [spare-o]}]}",
            "general_settings: {master_key: sk-test-master-1234}",
        ]
    )
    with Gateway(text, env={"FAKE_KEY": GOOD_KEY}) as gateway:
        yield gateway


def name(scene: Scene, group: str) -> str:
    return group + ("-a" if scene is MESSAGES else "-o")


@pytest.mark.parametrize("fault", ["status", "cut", "html", "error_first", "silent"])
@pytest.mark.parametrize("scene", THREE, ids=name_of)
def test_a_failed_deployment_is_followed_by_the_next(
    chained: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    faults: dict[str, dict[str, object]] = {
        "status": {"status": 500},
        "cut": {"cut_after": 0},
        "html": {"html": 502},
        "error_first": {"error_first": True},
        "silent": {"empty": True},
    }
    fake_provider.program(faults[fault])
    reply = ask(chained.url, scene.path, scene.body("SAY=fine", stream=True, model=name(scene, "pair")), headers=KEY)
    assert reply.status == 200, reply.body
    assert [seen.model[-2:] for seen in fake_provider.talks] == ["-1", "-2"]
    assert reply.header("x-litellm-attempted-retries") == "1"
    route = reply.header("x-trunkline-route") or ""
    assert "-1" in route
    assert route.endswith("-2")
    first, second = rows(chained, reply.header("x-litellm-call-id") or "", count=2)
    assert first["outcome"] != "ok"
    assert second["outcome"] == "ok"


def test_what_is_told_as_lost_is_what_the_one_that_answered_was_not_told(
    chained: Gateway, fake_provider: FakeProvider
) -> None:
    fake_provider.program({"status": 500, "model": "claude-sonnet-5-5-1"})
    body = {**CHAT.body("SAY=fine", model="mixed"), "seed": 7}
    reply = ask(chained.url, CHAT.path, body, headers=KEY)
    assert [seen.model[-2:] for seen in fake_provider.talks] == ["-1", "-2"]
    assert (reply.status, reply.header("x-trunkline-lost")) == (200, None)
    fake_provider.program({"status": 400, "model": "claude-sonnet-5-5-1"})
    assert ask(chained.url, CHAT.path, body, headers=KEY).header("x-trunkline-lost") == "seed"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scene", THREE, ids=name_of)
def test_where_nobody_listens_the_next_is_asked(
    chained: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    body = scene.body("SAY=fine", stream=stream, model=name(scene, "dead"))
    reply = ask(chained.url, scene.path, body, headers=KEY)
    assert reply.status == 200
    assert [seen.model[-2:] for seen in fake_provider.talks] == ["-2"]
    first, _ = rows(chained, reply.header("x-litellm-call-id") or "", count=2)
    assert (first["outcome"], first["status"], first["billed_nano"]) == ("provider_unreachable", 0, 0)


@pytest.mark.parametrize("scene", THREE, ids=name_of)
def test_a_fallback_group_is_asked_when_the_own_is_spent(
    chained: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    fake_provider.program(
        {"status": 500, "times": -1, "model": "claude-sonnet-5-5-1" if scene is MESSAGES else "wall-1"}
    )
    reply = ask(chained.url, scene.path, scene.body("SAY=fine", model=name(scene, "main")), headers=KEY)
    assert reply.status == 200
    assert fake_provider.talks[-1].model.endswith("-2")
    assert (reply.header("x-litellm-model-group") or "").startswith("spare")


@pytest.mark.parametrize("scene", THREE, ids=name_of)
def test_where_nobody_listens_at_all_is_a_502_that_names_the_address(
    chained: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = ask(chained.url, scene.path, scene.body("Hi", model=name(scene, "lost")), headers=KEY)
    assert reply.status == 502
    assert scene.is_error(reply.json)
    assert "127.0.0.1:" in reply.message
    assert "Traceback" not in reply.body.decode()


@pytest.mark.parametrize("status", [400, 413])
def test_what_the_caller_did_wrong_is_not_tried_elsewhere(
    chained: Gateway, fake_provider: FakeProvider, status: int
) -> None:
    reply = ask(chained.url, CHAT.path, CHAT.body(f"ERR={status}", model="pair-o"), headers=KEY)
    assert reply.status == status
    assert len(fake_provider.talks) == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_no_retries_means_one_attempt(wall: Gateway, fake_provider: FakeProvider, status: int, stream: bool) -> None:
    for scene in THREE:
        fake_provider.reset()
        reply = ask(wall.url, scene.path, scene.body(f"ERR={status}", stream=stream), headers=KEY)
        assert reply.status == status
        assert len(fake_provider.talks) == 1
        assert reply.header("x-litellm-attempted-retries") == "0"


def test_a_deployments_own_word_on_retries_counts(chained: Gateway, fake_provider: FakeProvider) -> None:
    assert ask(chained.url, CHAT.path, CHAT.body("ERR=500", model="once-o"), headers=KEY).status == 500
    assert len(fake_provider.talks) == 1


def test_one_retry_means_two_attempts(chained: Gateway, fake_provider: FakeProvider) -> None:
    assert ask(chained.url, CHAT.path, CHAT.body("ERR=500", model="spare-o"), headers=KEY).status == 500
    assert len(fake_provider.talks) == 2


@pytest.mark.parametrize("scene", THREE, ids=name_of)
def test_nothing_is_said_again_once_something_was_said(
    chained: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    """The next deployment goes on with it: `test_resume.py`."""
    reply = ask(
        chained.url, scene.path, scene.body("Hi LONG=6 CUT=3", stream=True, model=name(scene, "pair")), headers=KEY
    )
    assert reply.status == 200
    assert len(fake_provider.talks) == 2
    assert reply.body.count(b'"w1 "') == 1


@pytest.mark.parametrize(("group", "named"), [("keyless", "UNSET_KEY"), ("blank", "config.yaml:")])
@pytest.mark.parametrize("scene", THREE, ids=name_of)
def test_a_model_without_a_key_answers_401_with_the_sentence_that_mends_it(
    chained: Gateway, fake_provider: FakeProvider, scene: Scene, group: str, named: str
) -> None:
    reply = ask(chained.url, scene.path, scene.body("Hi", stream=True, model=name(scene, group)), headers=KEY)
    assert reply.status == 401, reply.body
    assert scene.is_error(reply.json)
    assert named in reply.message
    assert reply.header("x-should-retry") == "false"
    assert not fake_provider.requests


@pytest.mark.parametrize("scene", THREE, ids=name_of)
def test_a_deployment_without_a_key_is_passed_over(chained: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    reply = ask(chained.url, scene.path, scene.body("SAY=ok", model=name(scene, "half")), headers=KEY)
    assert reply.status == 200
    assert [seen.model[-2:] for seen in fake_provider.talks] == ["-2"]


def test_models_without_a_key_are_warned_of_at_the_start_and_listed(chained: Gateway) -> None:
    until(lambda: "UNSET_KEY" in chained.logs)
    assert "<your-token>" not in chained.logs or "placeholder" in chained.logs
    listed = {row["id"] for row in ask(chained.url, "/v1/models", headers=KEY).json["data"]}
    assert {"keyless-a", "blank-o"} <= listed
