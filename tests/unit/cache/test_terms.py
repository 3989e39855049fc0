"""What a request asks of the cache, in its body and in its header."""

from __future__ import annotations

import math
from typing import Any

import pytest

from trunkline.cache.terms import Terms, terms_of
from trunkline.config.schema import Caching
from trunkline.errors import InvalidRequest

PLAIN = Terms(read=True, store=True, ttl=600.0, age=math.inf, namespace="")


def terms(asked: Any = None, header: bytes = b"", caching: Caching | None = None) -> Terms | None:
    return terms_of(caching or Caching(), asked, header)


def test_nothing_said() -> None:
    assert terms() == terms({}) == PLAIN


@pytest.mark.parametrize(
    ("asked", "header", "read", "store"),
    [
        ({"no-cache": True}, b"", False, True),
        ({"no-store": True}, b"", True, False),
        ({"no-cache": False, "no-store": False}, b"", True, True),
        (None, b"no-cache", False, True),
        (None, b"No-Store , private", True, False),
        (None, b"no-cache, no-store", False, False),
        ({"ttl": 0}, b"", True, False),
        (None, b"only-if-cached, max-age=soon", True, True),
    ],
)
def test_reading_and_storing(asked: Any, header: bytes, read: bool, store: bool) -> None:
    told = terms(asked, header)
    assert told is not None
    assert (told.read, told.store) == (read, store)


def test_times_and_names() -> None:
    told = terms({"ttl": "30", "s-maxage": 20, "namespace": "n"}, b'max-age="10"')
    assert told == Terms(read=True, store=True, ttl=30.0, age=10.0, namespace="n")


def test_the_configured_namespace_and_ttl() -> None:
    told = terms(caching=Caching(ttl=5.0, namespace="team"))
    assert told is not None
    assert (told.ttl, told.namespace) == (5.0, "team")


def test_a_cache_that_must_be_asked_for() -> None:
    asleep = Caching(asked_for=True)
    assert terms({"ttl": 3}, caching=asleep) is None
    assert terms({"use-cache": True}, caching=asleep) == PLAIN


@pytest.mark.parametrize(
    "asked", [True, "no-cache", [], {"ttl": True}, {"ttl": -1}, {"s-maxage": "x"}, {"namespace": 1}]
)
def test_nonsense_is_refused_by_name(asked: Any) -> None:
    with pytest.raises(InvalidRequest, match="cache"):
        terms(asked)
