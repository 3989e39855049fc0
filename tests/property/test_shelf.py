"""What must hold of kept answers whatever is kept and asked: bounds in bytes, least used first, nothing stale."""

from __future__ import annotations

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cache.making import kept
from trunkline.cache.shelf import Kept, Shelf

MOST = 5000

_steps = st.lists(
    st.tuples(
        st.sampled_from(("put", "get")),
        st.sampled_from("abcdef"),
        st.integers(0, 3000),
        st.integers(0, 20),
        st.sampled_from((1.0, 5.0, 100.0)),
    ),
    max_size=60,
)


@given(_steps)
def test_a_shelf_does_as_the_plainest_one_would(steps: list[tuple[str, str, int, int, float]]) -> None:
    shelf, plain, now = Shelf(), OrderedDict[str, Kept](), 0.0
    for what, key, size, passed, seconds in steps:
        now += passed / 10
        if what == "put":
            answer = kept(size, since=now, until=now + seconds)
            plain.pop(key, None)
            plain[key] = answer
            while sum(each.size for each in plain.values()) > MOST:
                plain.popitem(last=False)
            shelf.put(key, answer, MOST)
        else:
            found = shelf.get(key, now, seconds)
            known = plain.get(key)
            if known is not None and now >= known.until:
                del plain[key]
                known = None
            if known is not None and now - known.since <= seconds:
                plain.move_to_end(key)
                assert found is known
            else:
                assert found is None
        assert shelf.size == sum(each.size for each in plain.values()) <= MOST
        assert len(shelf) == len(plain)
