"""A stream breaks while others rest: who rests is passed over while somebody is well, and tried before all is lost.

In each group the first deployment is at its limit and rests before the stream begins that the second one breaks off.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.fake import FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.test_resume import CLIENTS, Line, base, is_honest_error

CASES = ("third", "again", "forced", "refused", "dead")
BREAKS = {"long": 8, "cut_after": 4, "slow_ms": 5, "times": 1}
SAID = "wörd0 ✓🙂 w1 w2 w3"


def config(url: str, *, more: str) -> str:
    rows = []
    for case in CASES:
        for client in CLIENTS:
            group = f"{case}-{client}"
            chain = [("rests", "anthropic"), ("breaks", "openai"), *([("well", "openai")] if case == "third" else [])]
            rows += [
                f'  - {{model_name: {group}, litellm_params: {{model: "{provider}/{role}-{group}", order: {order}, '
                f'api_base: "{base(provider, url)}", api_key: sk-{role}-{group}}}}}'
                for order, (role, provider) in enumerate(chain, 1)
            ]
    return "\n".join(
        [
            "model_list:",
            *rows,
            f"general_settings: {{master_key: {MASTER_KEY}}}",
            f"router_settings: {{{more}}}",
            "trunkline: {limits: {idle: 1}}",
        ]
    )


@pytest.fixture(scope="module")
def keyed(fake_server: FakeProvider) -> Iterator[FakeProvider]:
    """Each deployment has a key of its own: a dead one is dead wherever it is written."""
    keys = {
        f"sk-{role}-{case}-{client}" for role in ("rests", "breaks", "well") for case in CASES for client in CLIENTS
    }
    assert fake_server.provider.keys is not None
    fake_server.provider.keys |= keys
    yield fake_server
    fake_server.provider.keys -= keys


@pytest.fixture(scope="module")
def usual(keyed: FakeProvider) -> Iterator[Gateway]:
    """What a new user has: one break is no reason to rest."""
    with Gateway(config(keyed.url, more="")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def strict(keyed: FakeProvider) -> Iterator[Gateway]:
    """Whoever fails once rests for a minute: longer than a client is let wait."""
    with Gateway(config(keyed.url, more="allowed_fails: 0, cooldown_time: 60")) as gateway:
        yield gateway


def broken(gateway: Gateway, fake: FakeProvider, client: str, case: str, **rest: object) -> Line:
    """The group's first deployment rests, and the second is about to break off."""
    group, line = f"{case}-{client}", Line(gateway, fake)
    fake.provider.models = (*fake.provider.models, *(f"{role}-{group}" for role in ("rests", "breaks", "well")))
    fake.program({"model": f"rests-{group}", **(rest or {"status": 429, "retry_after": "60"}), "times": 1})
    assert line.ask(client, group, "SAY=well").status == 200
    assert asked(fake) == ["rests", "breaks"]
    fake.reset()
    fake.provider.models = (*fake.provider.models, *(f"{role}-{group}" for role in ("rests", "breaks", "well")))
    fake.program({"model": f"breaks-{group}", **BREAKS})
    return line


def asked(fake: FakeProvider) -> list[str]:
    return [seen.model.partition("-")[0] for seen in fake.talks]


@pytest.mark.parametrize("client", CLIENTS)
def test_one_that_rests_is_passed_over_for_one_that_is_well(
    usual: Gateway, fake_provider: FakeProvider, client: str
) -> None:
    line = broken(usual, fake_provider, client, "third")
    fake_provider.program({"model": f"well-third-{client}", "say": "the-rest"})
    assert line.read(client, f"third-{client}").text == f"{SAID} the-rest"
    assert asked(fake_provider) == ["breaks", "well"]


@pytest.mark.parametrize("client", CLIENTS)
def test_where_only_the_broken_one_may_be_asked_it_is_asked_once_more(
    usual: Gateway, fake_provider: FakeProvider, client: str
) -> None:
    line = broken(usual, fake_provider, client, "again")
    fake_provider.program({"model": f"breaks-again-{client}", "say": "the-rest"})
    assert line.read(client, f"again-{client}").text == f"{SAID} the-rest"
    assert asked(fake_provider) == ["breaks", "breaks"]
    first, second = (seen.arrived for seen in fake_provider.talks)
    assert second - first >= 0.3


@pytest.mark.parametrize("client", CLIENTS)
def test_where_all_rest_one_is_tried_before_the_stream_is_given_up(
    strict: Gateway, fake_provider: FakeProvider, client: str
) -> None:
    line = broken(strict, fake_provider, client, "forced")
    fake_provider.program({"model": f"rests-forced-{client}", "say": "the-rest"})
    assert line.read(client, f"forced-{client}").text == f"{SAID} the-rest"
    assert asked(fake_provider) == ["breaks", "rests"]


@pytest.mark.parametrize("client", CLIENTS)
def test_where_that_one_fails_too_the_client_is_told_soon(
    strict: Gateway, fake_provider: FakeProvider, client: str
) -> None:
    line = broken(strict, fake_provider, client, "refused")
    fake_provider.program({"model": f"rests-refused-{client}", "status": 429, "retry_after": "60", "times": -1})
    began = time.monotonic()
    reply = line.ask(client, f"refused-{client}")
    assert is_honest_error(reply.body), reply.body[-600:]
    assert "w3" in reply.body.decode()
    assert asked(fake_provider) == ["breaks", "rests"]
    assert time.monotonic() - began < 15, "nobody waits for the end of a rest that is longer than patience"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_dead_key_is_not_tried_even_then(strict: Gateway, fake_provider: FakeProvider, client: str) -> None:
    line = broken(strict, fake_provider, client, "dead", status=401)
    reply = line.ask(client, f"dead-{client}")
    assert is_honest_error(reply.body), reply.body[-600:]
    assert asked(fake_provider) == ["breaks"]
