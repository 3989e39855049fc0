"""Who has no counter is not asked twice."""

from tests.unit.making import deployment, snapshot
from trunkline.route.plan import plan
from trunkline.upstream.counters import Counters


def test_who_lacks_a_counter_is_left_out_for_that_model() -> None:
    shot = snapshot(
        deployment("m", model="a", provider="openai"),
        deployment("m", model="b", provider="openai"),
        deployment("w/*", model="*", provider="openai"),
    )
    made = plan(shot, "m", "responses_count", lambda: 0.5)
    counters = Counters()
    assert counters.among(made) == made
    counters.lack(made.candidates[0])
    left = counters.among(made)
    assert left is not None
    assert left.candidates == made.candidates[1:]
    counters.lack(made.candidates[1])
    assert counters.among(made) is None
    one, other = (plan(shot, name, "responses_count", lambda: 0.5) for name in ("w/x", "w/y"))
    counters.lack(one.candidates[0])
    assert counters.among(one) is None
    assert counters.among(other) is not None
