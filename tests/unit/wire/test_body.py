"""A request body: what is found in it, and that a splice changes nothing but what it was told."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import InvalidRequest
from trunkline.wire.body import Body

NAMES = st.sampled_from(["model", "messages", "stream", "system", "x", "a b", "ü", 'q"uote', "back\\slash", ""])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=8)
WRITERS = st.sampled_from(
    [
        lambda value: json.dumps(value),
        lambda value: json.dumps(value, indent=2),
        lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        lambda value: "  " + json.dumps(value, separators=(" ,  ", "\t:\n")) + "\r\n",
    ]
)


@given(OBJECTS, WRITERS)
def test_a_body_that_nobody_changes_keeps_its_bytes(document: dict[str, Any], write: Any) -> None:
    raw = write(document).encode()
    assert Body(raw).spliced({}) == raw


@given(OBJECTS, WRITERS, st.dictionaries(NAMES, VALUES, max_size=4), st.sets(NAMES, max_size=4))
def test_a_splice_does_to_the_bytes_what_an_update_does_to_the_object(
    document: dict[str, Any], write: Any, put: dict[str, Any], drop: set[str]
) -> None:
    body = Body(write(document).encode())
    spliced = body.spliced({name: json.dumps(value).encode() for name, value in put.items()}, drop)
    expected = {name: value for name, value in {**document, **put}.items() if name not in drop}
    assert json.loads(spliced) == expected
    assert list(json.loads(spliced)) == list(expected)


@given(OBJECTS, WRITERS)
def test_what_is_not_replaced_keeps_its_spelling(document: dict[str, Any], write: Any) -> None:
    document = {"model": "asked", **document, "last": 1}
    raw = write(document).encode()
    before, _, after = raw.partition(b'"asked"')
    if document["model"] == "asked":
        assert Body(raw).spliced({"model": b'"sent"'}) == before + b'"sent"' + after


def test_numbers_and_escapes_are_not_rewritten() -> None:
    raw = b'{"model":"m","temperature":1.0000,"big":12345678901234567890,"text":"\\u00e9\\/"}'
    assert Body(raw).spliced({"model": b'"n"'}) == raw.replace(b'"m"', b'"n"')


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"[1]", "no object"),
        (b"null", "no object"),
        (b'"x"', "no object"),
        (b'{"a":1', "not valid JSON"),
        (b'{"a":1}}', "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"a":1,"a":2}', "'a' stands twice"),
        (b'{"model":"x","b":[],"mod\\u0065l":"y"}', "'model' stands twice"),
        (b'{"b":{"c":1,"c":2},"b":1}', "'b' stands twice"),
    ],
)
def test_what_is_no_object_is_refused_in_words(raw: bytes, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said) as caught:
        Body(raw)
    assert caught.value.status == 400
    assert caught.value.remedy


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    with contextlib.suppress(InvalidRequest):
        Body(raw).spliced({"model": b"1"})


def test_deep_nesting_is_refused_not_crashed_on() -> None:
    with pytest.raises(InvalidRequest):
        Body(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}")


def test_a_member_of_the_wrong_type_is_named() -> None:
    body = Body(b'{"model": 5, "stream": "yes", "user": null}')
    with pytest.raises(InvalidRequest, match="model must be a string"):
        body.text("model")
    with pytest.raises(InvalidRequest, match="stream must be true or false"):
        body.flag("stream")
    assert body.text("user") is None
    assert body.flag("absent") is None
