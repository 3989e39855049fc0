"""What an attempt costs, exactly."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from trunkline.ledger.price import price_row
from trunkline.model.usage import NANO, Price, Rates, Usage, dollars

SONNET = Price((Rates(3 * NANO, 15 * NANO, 300_000_000, 3_750_000_000, 6 * NANO),))
TIERED = Price(
    (Rates(2 * NANO, 10 * NANO, NANO // 10, 0, 0), Rates(4 * NANO, 15 * NANO, NANO // 5, 0, 0, above=272_000))
)


def test_each_kind_of_token_has_its_price() -> None:
    used = Usage(
        input=1_000_000, cache_read=1_000_000, cache_write=1_000_000, cache_write_1h=1_000_000, output=1_000_000
    )
    assert dollars(SONNET.cost(used)) == "28.05"


def test_the_dearer_tier_holds_for_the_whole_request() -> None:
    assert TIERED.cost(Usage(input=272_000, output=0)) == 544_000_000
    assert TIERED.cost(Usage(input=272_001, output=0)) == 1_088_004_000
    assert TIERED.cost(Usage(input=1, cache_read=272_000, output=0)) == 4_000 + 54_400_000


def test_another_pace_has_its_factor_and_several_multiply() -> None:
    price = replace(SONNET, search=10, factors=(("fast", 200), ("us", 110), ("flex", 50)))
    used = Usage(input=1_000_000, output=1_000_000, searches=1)
    told = [price.cost(replace(used, served=served)) for served in ((), ("fast",), ("flex",), ("fast", "us"), ("x",))]
    assert told == [18 * NANO + 10, 36 * NANO + 10, 9 * NANO + 10, 39_600_000_010, 18 * NANO + 10]
    assert price.cost(Usage(input=1, output=0, served=("us",))) == 3_300
    assert price.dearer(("flex",)) is price, "it may come at the common pace"
    assert price.dearer(("fast", "us")).cost(used) == price.cost(replace(used, served=("fast", "us")))


def test_sound_is_a_part_of_the_tokens_with_a_price_of_its_own() -> None:
    price = replace(SONNET, sound=(32 * NANO, 64 * NANO), factors=(("flex", 50), ("fast", 200)))
    used = Usage(input=1_000_000, output=1_000_000, sound_read=250_000, sound_said=500_000)
    assert SONNET.cost(used) == 18 * NANO
    assert price.cost(used) == (3 * 750 + 32 * 250 + 15 * 500 + 64 * 500) * NANO // 1000
    assert price.cost(replace(used, served=("flex",))) * 2 == price.cost(used)
    assert price.dearer(("fast",)).cost(used) == price.cost(replace(used, served=("fast",)))
    said = Usage(input=10, output=None, sound_read=99, sound_said=5)
    said.tidy()
    assert (said.sound_read, said.sound_said) == (10, 0)


def test_a_pass_beside_the_answer_is_paid_in_the_tier_of_its_own_size() -> None:
    used = Usage(input=10, output=1, beside=(Usage(input=300_000, output=0),))
    assert TIERED.cost(used) == 20_000 + 10_000 + 1_200_000_000
    assert (used.prompt, used.whole.prompt, used.whole.output) == (10, 300_010, 1)


def test_a_flat_plan_is_charged_nothing_and_valued_at_list_price() -> None:
    assert price_row(Usage(input=100, output=10), SONNET, "coding") == (0, 450_000, True)
    assert price_row(Usage(input=100, output=10), SONNET, "") == (450_000, 450_000, True)


def test_unknown_is_not_free() -> None:
    assert price_row(Usage(input=100, output=10), None, "") == (0, 0, False)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_cost_is_never_less_than_its_parts_and_never_a_nano_more(a: int, b: int, rate: int, other: int) -> None:
    price = Price((Rates(rate, other, 0, 0, 0),))
    exact = a * rate + b * other
    cost = price.cost(Usage(input=a, output=b))
    assert 0 <= cost * 1_000_000 - exact < 1_000_000


@given(st.integers(-(10**15), 10**15))
def test_dollars_say_exactly_what_nanos_are(nano: int) -> None:
    from decimal import Decimal

    assert Decimal(dollars(nano)) * NANO == nano
    assert "e" not in dollars(nano).lower()
