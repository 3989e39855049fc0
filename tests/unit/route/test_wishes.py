"""What a request may ask of its own way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.errors import InvalidRequest, UnknownModel
from trunkline.route.plan import plan
from trunkline.route.wishes import NO_WISHES, Wishes, wishes


def asked(headers: dict[bytes, bytes] | None = None, **members: Any) -> Wishes:
    return wishes(headers or {}, frozenset(members), members.__getitem__)


def test_nothing_is_asked_by_most() -> None:
    assert asked() is NO_WISHES


def test_headers_count_before_members() -> None:
    headers = {b"x-litellm-timeout": b"9", b"x-litellm-num-retries": b"1"}
    found = asked(headers, timeout=3, num_retries=7, stream_timeout="2.5")
    assert (found.timeout, found.retries, found.stream_timeout) == (9, 1, 2.5)


@pytest.mark.parametrize("value", [["b"], [{"model": "b"}], [{"a": ["b"]}], [{"*": ["b"]}]])
def test_fallbacks_come_in_four_shapes(value: object) -> None:
    shot = snapshot(deployment("a", model="a"), deployment("b", model="b"))
    found = plan(shot, "a", "messages", lambda: 0.5, wishes=asked(fallbacks=value)).candidates
    assert [each.group for each in found] == ["a", "b"]


def test_a_requests_fallbacks_stand_in_the_place_of_the_configured_ones() -> None:
    shot = snapshot(*(deployment(name, model=name) for name in "abc"), fallbacks={"a": ("c",)})
    assert [each.group for each in plan(shot, "a", "messages", lambda: 0.5).candidates] == ["a", "c"]
    own = plan(shot, "a", "messages", lambda: 0.5, wishes=asked(fallbacks=["b"])).candidates
    assert [each.group for each in own] == ["a", "b"]
    none = plan(shot, "a", "messages", lambda: 0.5, wishes=asked(disable_fallbacks=True)).candidates
    assert [each.group for each in none] == ["a"]


def test_a_fallback_of_the_requests_that_is_no_model_is_said() -> None:
    with pytest.raises(UnknownModel, match="nobody"):
        plan(snapshot(deployment("a", model="a")), "a", "messages", lambda: 0.5, wishes=asked(fallbacks=["nobody"]))


@pytest.mark.parametrize(
    "members",
    [
        {"timeout": "soon"},
        {"num_retries": -1},
        {"num_retries": True},
        {"fallbacks": "b"},
        {"fallbacks": [1]},
        {"fallbacks": [{"a": "b"}]},
        {"fallbacks": [{"model": "b", "temperature": 1}]},
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        asked(**members)
    assert caught.value.param in members


def test_zero_is_no_time_out_and_retries_have_a_bound() -> None:
    found = asked(timeout=0, num_retries=1000)
    assert (found.timeout, found.retries) == (None, 10)
