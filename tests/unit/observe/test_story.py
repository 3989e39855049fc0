"""A request's story out of rows, holds and the ledger, and the sentences that tell it."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.unit.state.making import hold, row
from trunkline.observe.story import Story, story
from trunkline.observe.told import told
from trunkline.state.traces import Live, Traces
from trunkline.state.types import Progress

T0 = 1_795_000_000.0


def made(*rows: Any, live: tuple[Live, ...] = ()) -> Story:
    found = story("r", (), Traces(list(live), list(rows)), T0 + 9)
    assert found is not None
    return msgspec.structs.replace(found, told=told(found))


def text(found: Story) -> str:
    return "\n".join(found.told)


def busy(**more: Any) -> Any:
    fields = {"status": 429, "outcome": "1302", "said": "Z.AI answered 429 (1302): slow down.", "input": 0, "output": 0}
    return row("r-0", **{**fields, "billed": 0, "first_token": 0.0, "cache_read": 0, "cache_write": 0, **more})


def test_a_fallback_is_told_from_the_question_to_what_the_client_got() -> None:
    second = row("r-1", provider="openai", model="gpt-5.6", deployment="d2", why="after zai/glm-5.3:1302")
    found = made(second, busy(why="the first choice"))
    assert found.route == "zai/glm-5.3:1302 > openai/gpt-5.6"
    assert (found.outcome, found.state, found.asked, found.tags) == ("ok", "ended", "glm", ["a", "b"])
    assert [each.number for each in found.attempts] == [0, 1]
    assert (found.totals.cost, found.totals.cost_nano, found.totals.tokens.output) == ("0.000001234", 1234, 7)
    said = text(found)
    for part in (
        "'glm' was asked for at 2026-11-18T",
        "with the key 'master' (Anthropic Messages, streamed); request r.",
        "1. zai/glm-5.3 was asked in Anthropic Messages: the first choice (deployment d1).",
        "It answered 429 and ended with 1302 after 1.5 s.",
        "What was said: Z.AI answered 429 (1302): slow down.",
        "2. openai/gpt-5.6 was asked in Anthropic Messages: after zai/glm-5.3:1302 (deployment d2).",
        "It answered 200: its first word came after 0.25 s, the end after 1.5 s (end_turn).",
        "It used 15 tokens in (3 of them from the cache), 7 out; it cost $0.000001234.",
        "In all 2 attempts",
        "The client got the whole answer, from openai/gpt-5.6.",
    ):
        assert part in said, said
    assert "What to do" not in said


def test_what_failed_for_good_says_what_to_do() -> None:
    assert "send the request again. Only one deployment was tried: `fallbacks` for 'glm'" in text(made(busy()))
    refused = busy(status=401, outcome="invalid_api_key", said="Z.AI does not accept it. Check ZAI_API_KEY.")
    assert "mend what the last attempt said" in text(made(refused))


def test_a_stream_that_another_deployment_brought_to_its_end() -> None:
    cut = row("r-0", outcome="provider_cut", status=200, estimated=True)
    found = made(cut, row("r-1", provider="openai", model="gpt-5.6"))
    assert "one stream: zai/glm-5.3 began it and openai/gpt-5.6 brought it to its end." in text(found)
    assert "partly estimated" in text(found)
    assert "beginning of an answer, and then an error" in text(made(cut))


def test_what_is_under_way_is_shown_as_such() -> None:
    live = Live(hold("r-1", started=T0 + 4, why="after zai/glm-5.3:1302"), Progress(input=100, output=12), True)
    found = made(busy(), live=(live,))
    assert (found.state, found.outcome) == ("under_way", "")
    assert found.attempts[1].duration == 5
    assert "It is under way, 5 s until now; 100 tokens in, 12 out as far as noted." in text(found)
    assert text(found).endswith("The request is under way.")
    dead = made(live=(Live(hold("r-0"), None, False),))
    assert dead.state == "abandoned"
    assert "Its worker is dead" in text(dead)


def test_what_has_ended_is_not_under_way_wherever_it_was_seen_so() -> None:
    found = made(row("r-0"), live=(Live(hold("r-0"), None, True),))
    assert [each.state for each in found.attempts] == ["ended"]


def test_no_price_is_not_free() -> None:
    found = made(row("r-0", priced=False, billed=0))
    assert found.attempts[0].cost is None
    assert found.totals.unpriced
    assert "the model has no known price" in text(found)


def test_a_flat_plan_shows_the_list_price_beside_it() -> None:
    assert "it cost $0 (list price $0.000001234)" in text(made(row("r-0", billed=0)))


def test_what_was_answered_here_says_that_nobody_was_asked() -> None:
    kept = made(
        row("r-0", provider="trunkline", deployment="cache", why="an answer that was kept 7 s ago is told again")
    )
    assert "1. No provider was asked: an answer that was kept 7 s ago is told again." in text(kept)
    assert text(kept).endswith("The client got the whole answer.")
    stopped = text(made(row("r-0", provider="trunkline", outcome="loop_stopped", why="same_call*5")))
    assert "No provider was asked: same_call*5." in stopped
    assert "send the request again" not in stopped and "let the agent take another way" in stopped


def test_nobody_knows_it() -> None:
    assert story("r", (), Traces(), T0) is None
