"""Whatever fails: one call asks its only deployment three times at most, and never again at once.

Every fault of the wall on every wire, all at the same time, at a gateway to which nothing was said about retries.
What is harmless is asked once, as `test_faults` sees; `test_hammering` counts the attempts of many calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from tests.fake import FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.asking import ask
from tests.wall.faults import FAULTS, Fault
from tests.wall.hearing import Heard, hear
from tests.wall.scenes import CHAT, KEY
from tests.wall.test_faults import PROVIDERS, _tool

MOST = 3
"""Attempts of one call: the first, and two retries as in LiteLLM."""
GAP = 0.3
"""Seconds between two attempts at least: half a second, jittered by a quarter."""
ONCE = frozenset(
    {
        *("401", "403", "402", "404-model", "zai-1308", "no-answer", "slow-first-token"),
        *("bad-request", "context-length", "content-filter", "cut-in-arguments", "redirect-elsewhere"),
    }
)
"""Faults after which nobody is asked again: who was refused for good, who let us wait in vain, and what can be
no answer any more."""

CASES = [
    (fault, wire)
    for fault in FAULTS
    for wire in PROVIDERS
    if fault.moment != "harmless"
    if (wire == "zai") == (fault.wires == frozenset({"zai"})) and (not fault.wires or wire in fault.wires)
]
Asked = tuple[list[float], Heard]


def _name(fault: Fault, wire: str) -> str:
    return f"{fault.name}-{wire}"


@pytest.fixture(scope="module")
def asked(fake_server: FakeProvider) -> Iterator[Mapping[str, Asked]]:
    """When each case's provider was asked, and what the client heard. Each has a key of its own, so none rests."""
    rows, names = [], [_name(*case) for case in CASES]
    for fault, wire in CASES:
        prefix, base = PROVIDERS[wire]
        name = _name(fault, wire)
        rows.append(
            f'  - {{model_name: "{name}", litellm_params: {{model: "{prefix}/{name}", '
            f'api_base: "{base.format(fake_server.url)}", api_key: "sk-{name}"}}}}'
        )
    text = "\n".join(
        [
            "model_list:",
            *rows,
            f"general_settings: {{master_key: {MASTER_KEY}}}",
            "router_settings: {timeout: 4, stream_timeout: 3}",
            "trunkline: {limits: {idle: 2}}",
        ]
    )
    provider = fake_server.provider
    assert provider.keys is not None
    fake_server.reset()
    keys = {f"sk-{name}" for name in names}
    provider.keys |= keys
    provider.models = (*provider.models, *names)
    fake_server.program(*({**fault.how, "model": _name(fault, wire), "times": -1} for fault, wire in CASES))
    with Gateway(text) as gateway, ThreadPoolExecutor(16) as pool:

        def call(case: tuple[Fault, str]) -> Heard:
            more = {"tools": [_tool(CHAT)]} if case[0].tool else {}
            words = "TOOL" if case[0].tool else "LONG=16"
            body = CHAT.body(words, stream=True, model=_name(*case), **more)
            return hear(CHAT, ask(gateway.url, CHAT.path, body, headers=KEY, timeout=60), stream=True)

        heard = list(pool.map(call, CASES))
    at = {name: [seen.arrived for seen in fake_server.talks if seen.model == name] for name in names}
    yield {name: (at[name], one) for name, one in zip(names, heard, strict=True)}
    provider.keys -= keys
    fake_server.reset()


@pytest.mark.parametrize(("fault", "wire"), CASES, ids=[_name(*case) for case in CASES])
def test_a_few_attempts_and_a_pause_before_each(asked: Mapping[str, Asked], fault: Fault, wire: str) -> None:
    at, heard = asked[_name(fault, wire)]
    assert heard.error
    if fault.name == "zai-1113":
        assert len(at) == 2, "a purse without money, and once the other one of that key"
        return
    assert len(at) == (1 if fault.name in ONCE else MOST)
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert min(gaps, default=GAP) >= (1.0 if fault.how.get("retry_after") == "1" else GAP), gaps
