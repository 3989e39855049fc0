"""Requests, on every wire and from every wire to every other: what was said is sent, and sent the same way again."""

from __future__ import annotations

import copy
import itertools
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.asking import PLACES, in_order, sides, squeezed, unpaired
from tests.property.talks import TOOL_NAMES, talks
from tests.property.wires import DIALECT, WIRES, always, codec
from trunkline.errors import Failure
from trunkline.model.conversation import Conversation, Text, Tool, ToolCall, ToolChoice, ToolResult, Turn
from trunkline.model.dialect import Dialect, Written
from trunkline.model.wires import Wire
from trunkline.wire.losses import MEMBERS, OWN, THINGS

FROM_ANY_TO_ANY = pytest.mark.parametrize(
    ("client", "provider"), [(client, provider) for client in WIRES for provider in WIRES]
)
NAME = re.compile(r"[A-Za-z0-9_.:-]{1,128}\Z")
MOVING = ("cache_control", "prompt_cache_breakpoint", "num_ctx")
"""Marks whose place is at the end and moves, and Ollama's window, which grows by doubling."""
NAMED = {name for table in (MEMBERS, OWN, THINGS) for row in table.values() for name in row.names}
"""All that may be reported as lost, besides members of the client's that nobody knows."""
DIALECTS = st.builds(
    Dialect,
    provider=st.sampled_from(["openai", "zai", "anthropic", "deepseek"]),
    model=st.just("model-1"),
    max_output=st.sampled_from([0, 8192]),
    limit_name=st.sampled_from(["max_tokens", "max_completion_tokens"]),
    **dict.fromkeys(
        [
            "sampling",
            "vision",
            "documents",
            "tools",
            "forced_tool",
            "prefill",
            "system_in_middle",
            "json_schema",
            "reasoning",
            "always_thinks",
        ],
        st.sampled_from([None, True, False]),
    ),
    drop=st.booleans(),
    developer=st.booleans(),
)


def sent(provider: Wire, talk: Conversation, dialect: Dialect = DIALECT) -> Written:
    """The request as it leaves; the conversation itself is not touched."""
    before = copy.deepcopy(talk)
    written = codec(provider).write(talk, dialect)
    assert talk == before, "writing changed the conversation"
    json.dumps(written.body, allow_nan=False).encode()
    return written


def read(provider: Wire, written: Written) -> Conversation:
    """The request as its receiver understands it."""
    return codec(provider).read(json.loads(json.dumps(written.body)), model="model-1", streamed=False)


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_everything_said_is_sent(client: Wire, provider: Wire, data: st.DataObject) -> None:
    talk = data.draw(talks(client, rich=False))
    written = sent(provider, talk)
    told, got = sides(talk), sides(read(provider, written), written.names)
    assert [side.role for side in got] == [side.role for side in told]
    for mine, theirs in zip(told, got, strict=True):
        assert theirs.calls == mine.calls
        assert theirs.results.keys() == mine.results.keys()
        for told_id, one in mine.results.items():
            assert in_order(one, squeezed("".join(theirs.results[told_id])))
        assert in_order(mine.fragments, theirs.text)
        assert theirs.pictures == mine.pictures


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_calls_and_results_are_always_in_pairs(client: Wire, provider: Wire, data: st.DataObject) -> None:
    talk = data.draw(talks(client, broken=True, rich=False))
    written = sent(provider, talk)
    if client == provider == "openai_responses":
        return  # what came before may be stored there: only the provider knows the pairs
    assert unpaired(read(provider, written)) == []
    if unpaired(talk) and client != provider:
        assert written.repairs


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_what_is_sent_for_a_turn_begins_what_is_sent_for_the_next(
    client: Wire, provider: Wire, data: st.DataObject
) -> None:
    talk = data.draw(talks(client, broken=data.draw(st.booleans()), rich=data.draw(st.booleans())))
    if provider == "ollama" and talk.choice is not None and talk.choice.mode in ("any", "one"):
        talk.choice.mode = "auto"  # a demand in words is no part of the next turn: see the test below
    ends = [nth for nth, turn in enumerate(talk.turns) if turn.role == "assistant" and nth]
    bodies = []
    for end in [*ends, len(talk.turns)]:
        shorter = copy.deepcopy(talk)
        del shorter.turns[end:]
        bodies.append(sent(provider, shorter).body)
    for earlier, later in itertools.pairwise(bodies):
        place = PLACES[provider]
        assert begun(earlier.pop(place), later[place])
        assert without_marks(earlier) == {k: v for k, v in without_marks(later).items() if k != place}


@pytest.mark.parametrize("provider", WIRES)
def test_a_call_that_is_demanded_in_words_leaves_the_beginning_as_it_is(provider: Wire) -> None:
    """A client demands one call and then none, as agents do: what was sent before must still be in the cache."""
    call = ToolCall("call_1", "f", "{}")
    turns = [Turn("user", [Text("hi")]), Turn("assistant", [call]), Turn("user", [ToolResult("call_1", [Text("x")])])]
    client: Wire = "openai_chat" if provider != "openai_chat" else "anthropic"
    open_ended = Conversation(client, "m", turns, system=[Text("Be terse.")], tools=[Tool("f")])
    demanding = replace(open_ended, choice=ToolChoice("any"))
    dialect = replace(DIALECT, forced_tool=False)
    plain, demands = (sent(provider, talk, dialect).body for talk in (open_ended, demanding))
    first, then = (json.dumps(without_marks(body.pop(PLACES[provider]))) for body in (plain, demands))
    assert "You must call one of" in then
    assert then.startswith(first[: -len('"]}]}]')])
    chosen = ("tool_choice", "toolConfig")
    assert without_marks(plain) == {name: value for name, value in without_marks(demands).items() if name not in chosen}


def begun(earlier: Any, later: Any) -> bool:
    """Whether the bytes of what was sent first begin the bytes of what is sent then."""
    first, then = (
        json.dumps(without_marks(value), separators=(",", ":"), ensure_ascii=False) for value in (earlier, later)
    )
    if not then.startswith(first.removesuffix("]")):
        raise AssertionError(f"not a prefix:\n{first}\n{then}")
    return True


def without_marks(value: Any) -> Any:
    """JSON without what may move."""
    if isinstance(value, dict):
        return {key: without_marks(inner) for key, inner in value.items() if key not in MOVING}
    return [without_marks(inner) for inner in value] if isinstance(value, list) else value


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_names_of_tools_come_back(client: Wire, provider: Wire, data: st.DataObject) -> None:
    talk = data.draw(talks(client, rich=False))
    written = sent(provider, talk)
    names = [tool.name for tool in read(provider, written).tools]
    assert [written.names.get(name, name) for name in names] == [tool.name for tool in talk.tools]
    assert len(set(names)) == len(names)
    if client != provider and provider != "ollama":  # which takes any name
        assert all(NAME.match(name) and len(name) <= 128 for name in names)
    assert set(written.names.values()) <= {*TOOL_NAMES, "apply_patch"}
    called = {name for side in sides(read(provider, written)) for name, _ in side.calls}
    assert called <= set(names)


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_the_same_request_is_written_the_same(client: Wire, provider: Wire, data: st.DataObject) -> None:
    talk = data.draw(talks(client))
    assert json.dumps(sent(provider, talk).body) == json.dumps(sent(provider, copy.deepcopy(talk)).body)


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_whatever_a_model_understands_only_a_failure_is_raised(
    client: Wire, provider: Wire, data: st.DataObject
) -> None:
    talk = data.draw(talks(client, broken=True))
    try:
        assert set(sent(provider, talk, data.draw(DIALECTS)).lost) <= NAMED | talk.own.keys()
    except Failure as failure:
        assert failure.status == 400
        assert failure.param


@FROM_ANY_TO_ANY
@always
@given(data=st.data())
def test_a_request_crosses_two_wires(client: Wire, provider: Wire, data: st.DataObject) -> None:
    """As it really goes: the client's bytes are read, and written for the provider."""
    first = sent(client, data.draw(talks(client, rich=False)))
    talk = codec(client).read(json.loads(json.dumps(first.body)), model="alias", streamed=True)
    got = sides(read(provider, sent(provider, talk)), {})
    told = sides(talk)
    assert [(side.role, len(side.calls), len(side.results)) for side in got] == [
        (side.role, len(side.calls), len(side.results)) for side in told
    ]


@pytest.mark.parametrize("wire", WIRES)
@always
@given(data=st.data())
def test_a_request_that_is_read_back_is_written_the_same(wire: Wire, data: st.DataObject) -> None:
    """Readers of two wires join what a client kept in pieces: then it is the same from the second time on."""

    def once_more(body: Any) -> Any:
        talk = codec(wire).read(copy.deepcopy(body), model="model-1", streamed=bool(body.get("stream")))
        return json.loads(json.dumps(sent(wire, talk).body))

    first = json.loads(json.dumps(sent(wire, data.draw(talks(wire))).body))
    second = once_more(first)
    assert once_more(second) == second
    if wire not in ("gemini", "openai_responses"):
        assert second == first
