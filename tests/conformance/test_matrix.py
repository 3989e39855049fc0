"""Every client with every provider: five official SDKs, five formats, eight features, one test a cell.

`tools/matrix.py` runs this file and writes the table of docs/translation.md from what it finds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conformance.matrix_cells import LOSSES, Provider, cells, config, name_of, talker
from tests.conformance.matrix_talk import PIXEL, SCHEMA, TOOL, Ask, Heard, Losses, Talker
from tests.conformance.matrix_vendor import Vendor
from tests.fake import GOOD_KEY
from tests.fake.gemini_rules import camel
from tests.harness import MASTER_KEY, Gateway

pytestmark = pytest.mark.conformance

_LONG = "".join(f"w{at} " if at % 10 else f"wörd{at} ✓🙂 " for at in range(12))
"""What the fake says to `LONG=12`."""


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with Vendor() as fake:
        yield fake


@pytest.fixture(scope="module")
def gateway(vendor: Vendor) -> Iterator[Gateway]:
    env = {"FAKE_KEY": GOOD_KEY, "HTTP_PROXY": vendor.url}
    with Gateway(config(vendor.url), env=env) as made:
        yield made


@pytest.fixture(scope="module")
def talkers(gateway: Gateway) -> Iterator[dict[str, tuple[Talker, Losses]]]:
    """The SDKs by name, each made when it is first used."""
    made: dict[str, tuple[Talker, Losses]] = {}
    yield made
    for one, _ in made.values():
        one.close()


@dataclass(frozen=True, slots=True)
class Cell:
    """One client in front of one provider."""

    talker: Talker
    vendor: Vendor
    provider: Provider

    def say(self, words: str = "", **more: Any) -> Heard:
        """Ask, and be sure that the provider was asked in its own format."""
        before = len(self.vendor.talks)
        try:
            return self.talker.say(Ask(self.provider.asked, words, **more))
        finally:
            assert [seen.wire for seen in self.vendor.talks[before:]] == [self.provider.wire]

    @property
    def told(self) -> Any:
        """What the provider was sent last. Google takes its members in either spelling; here they are in one."""
        body = self.vendor.talks[-1].json
        return camel(body) if self.provider.name == "gemini" else body


def text(cell: Cell) -> None:
    heard = cell.say("SAY=grüezi✓")
    assert heard.text == "grüezi✓"
    assert heard.stop == cell.talker.stops[0]
    assert not heard.calls
    assert not heard.thinking


def stream(cell: Cell) -> None:
    heard = cell.say("LONG=12", streamed=True)
    assert heard.text == _LONG
    assert heard.pieces == 12
    assert heard.stop == cell.talker.stops[0]


def thinking(cell: Cell) -> None:
    words = f"THINK SAY=done{cell.provider.words}"
    for streamed in (False, True):
        heard = cell.say(words, think=True, streamed=streamed)
        assert "思考" in heard.thinking
        assert heard.text == "done"
        assert _thinking_asked(cell)
        after = cell.say("SAY=two", think=True, so_far=words, first=heard)
        assert after.text == "two"


def _thinking_asked(cell: Cell) -> bool:
    """Whether the provider was asked to think, in its own words; Ollama's models do so unasked."""
    told = cell.told
    match cell.provider.name:
        case "anthropic":
            return bool(told["thinking"]["type"] == "adaptive")
        case "chat":
            return bool(told["reasoning_effort"] == "high")
        case "responses":
            return bool(told["reasoning"]["effort"] == "high")
        case "gemini":
            return bool(told["generationConfig"]["thinkingConfig"]["includeThoughts"])
        case _:
            return told.get("think") is not False


def tools(cell: Cell) -> None:
    for streamed, think in ((False, False), (True, False), (False, True), (True, True)):
        words = "TOOL PAR SAY=Bern"
        if think:
            words = f"THINK {words}{cell.provider.words}"
        first = cell.say(words, tools=True, streamed=streamed, think=think)
        assert [(call.name, call.arguments) for call in first.calls] == [
            (TOOL, {"city": "Bern"}),
            (TOOL, {"city": "Bern-2"}),
        ]
        assert first.text == "I will call a tool ✓."
        assert first.stop == cell.talker.stops[1]
        ids = [call.id for call in first.calls if call.id]
        assert len(set(ids)) == len(ids)
        more: dict[str, Any] = {"tools": True, "streamed": streamed, "think": think}
        last = cell.say(so_far=words, first=first, results=("one: 21°", "two: 22°"), **more)
        assert not last.calls
        assert last.text.startswith("Bern ✓ tool said: ")
        assert 0 < last.text.find("one: 21°") < last.text.find("two: 22°")
        assert last.stop == cell.talker.stops[0]


def image(cell: Cell) -> None:
    heard = cell.say("SAY=seen", picture=True)
    assert heard.text == "seen"
    raw = json.dumps(cell.told)
    if cell.provider.name == "gemini":
        # Google takes the base64 of URLs as well, and its own SDK writes that.
        assert PIXEL in raw or PIXEL.replace("+", "-").replace("/", "_") in raw
    else:
        assert PIXEL in raw
    assert cell.provider.name == "ollama" or "image/png" in raw


def structured(cell: Cell) -> None:
    heard = cell.say("SAY=Bern", shaped=True)
    assert json.loads(heard.text) == {"city": "Bern"}
    told = cell.told
    match cell.provider.name:
        case "anthropic":
            schema = told["output_config"]["format"]["schema"]
        case "chat":
            schema = told["response_format"]["json_schema"]["schema"]
        case "responses":
            schema = told["text"]["format"]["schema"]
        case "gemini":
            schema = told["generationConfig"]["responseJsonSchema"]
        case _:
            schema = told["format"]
    assert schema["properties"] == SCHEMA["properties"]
    assert schema["required"] == SCHEMA["required"]


def errors(cell: Cell) -> None:
    for status, kind in cell.talker.errors.items():
        for streamed in (False, True):
            with pytest.raises(kind) as caught:
                cell.say(f"ERR={status} MSG=nope-{status} RETRY=none", streamed=streamed)
            given = getattr(caught.value, "status_code", None) or getattr(caught.value, "code", None)
            assert given == status or (status == 500 and given == 502)
            assert f"nope-{status}" in str(caught.value)


def usage(cell: Cell) -> None:
    for streamed in (False, True):
        heard = cell.say("SAY=x IN=120 OUT=9 CACHED=20", streamed=streamed)
        assert (heard.input, heard.output) == (120, 9)
        if heard.cached is not None:
            assert heard.cached == (0 if cell.provider.name == "ollama" else 20)


PROOFS: dict[str, Callable[[Cell], None]] = {
    one.__name__: one for one in (text, stream, thinking, tools, image, structured, errors, usage)
}
"""A proof for each feature of `matrix_cells.FEATURES`."""


@pytest.mark.parametrize(
    ("client", "provider", "feature"),
    [pytest.param(*cell, id=name_of(cell[0], cell[1].name, cell[2])) for cell in cells()],
)
def test_cell(
    gateway: Gateway,
    vendor: Vendor,
    talkers: dict[str, tuple[Talker, Losses]],
    client: str,
    provider: Provider,
    feature: str,
) -> None:
    if client not in talkers:
        losses = Losses()
        talkers[client] = talker(client, gateway.url, MASTER_KEY, losses), losses
    one, losses = talkers[client]
    vendor.reset()
    losses.take()
    PROOFS[feature](Cell(one, vendor, provider))
    assert losses.take() == set(LOSSES.get((client, provider.name, feature), ()))
    gateway.check_alive()
