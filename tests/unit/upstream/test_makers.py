"""What goes on from a stored response is asked of who has it, or refused with the reason."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Deployment, Door, Secret
from trunkline.errors import InvalidRequest, ProviderKeyUnset, StoreDown, UnknownResponse
from trunkline.guard.grant import Grant
from trunkline.guard.keys import Caller
from trunkline.model.wires import WIRE_OF, Operation
from trunkline.route.plan import Candidate, Plan, plan
from trunkline.upstream.call import Call
from trunkline.upstream.makers import Makers, staying
from trunkline.wire.body import Body


class Room:
    """A room in memory."""

    def __init__(self, **made: str) -> None:
        self.made = made
        self.owner = ""

    def add(self, name: str, deployment: str, now: float, owner: str = "") -> None:
        if name == "full":
            raise StoreDown("no room")
        self.made[name], self.owner = deployment, owner

    def find(self, name: str, now: float) -> tuple[str, str] | None:
        return (self.made[name], self.owner) if name in self.made else None


def openai(name: str, group: str = "m", key: str = "sk-1", **more: Any) -> Deployment:
    return deployment(group, model=name, provider="openai", id=name, key=Secret(key, "KEY"), **more)


def call_of(shot: Any, operation: Operation = "responses", tail: str = "/responses", **body: Any) -> Call:
    wire = WIRE_OF[operation]
    raw = json.dumps({"model": "m", **body}).encode()
    given = {"snapshot": shot, "operation": operation, "wire": wire, "tail": tail, "body": Body(raw), "because": ""}
    given["caller"] = Caller()
    return cast(Call, SimpleNamespace(**given))


def kept(
    room: Room, *rows: Deployment, asked: str = "m", operation: Operation = "responses", **more: Any
) -> Plan | None:
    shot = snapshot(*rows)
    call = call_of(shot, operation, **{"previous_response_id": "r1", **more})
    return staying(Makers(room, lambda: 0.0), call, plan(shot, asked, operation, lambda: 0.5))


def test_only_who_made_it_is_asked_and_the_others_are_told_why() -> None:
    made = kept(Room(r1="b"), openai("a"), openai("b", key="sk-2"), openai("c", key="sk-3"))
    assert made is not None
    assert [each.deployment.id for each in made.candidates] == ["b"]
    assert set(made.skipped) == {"a did not make r1", "c did not make r1"}


@pytest.mark.parametrize("body", [{"previous_response_id": None}, {"previous_response_id": "r2"}])
def test_without_an_earlier_response_that_is_known_the_plan_stays(body: dict[str, Any]) -> None:
    assert kept(Room(r1="a"), openai("a"), **body) is None


def test_a_count_and_a_compaction_go_there_as_well() -> None:
    rows = (openai("a"), openai("b", key="sk-2"))
    for operation, tail in (("responses_count", "/responses/input_tokens"), ("other", "/responses/compact")):
        made = kept(Room(r1="b"), *rows, operation=cast(Operation, operation), tail=tail)
        assert made is not None
        assert [each.deployment.id for each in made.candidates] == ["b"]
    assert kept(Room(r1="b"), *rows, operation="other", tail="/images/generations") is None


def test_another_model_of_the_same_account_has_it_too() -> None:
    rows = (openai("x", group="old"), openai("a", key="sk-2"), openai("b"))
    made = kept(Room(r1="x"), *rows)
    assert made is not None
    assert [each.deployment.id for each in made.candidates] == ["b"]


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([openai("a")], "not configured any more"),
        ([openai("a"), openai("x", group="old", key="sk-2")], "shares the account"),
        ([openai("x", doors={"openai_chat": Door("http://127.0.0.1:9", "bearer")})], "Responses format"),
        (
            [openai("a"), openai("x", group="old", doors={"openai_chat": Door("http://h", "bearer")})],
            "Responses format",
        ),
    ],
)
def test_who_cannot_be_asked_is_told(rows: list[Deployment], word: str) -> None:
    with pytest.raises(InvalidRequest, match=word) as told:
        kept(Room(r1="x"), *rows)
    assert told.value.param == "previous_response_id"
    assert told.value.remedy


def test_a_maker_whose_key_is_gone_says_which_key() -> None:
    gone = deployment("m", model="x", provider="openai", id="x", key_missing="KEY is not set.")
    with pytest.raises(ProviderKeyUnset, match="KEY is not set"):
        kept(Room(r1="x"), gone, openai("a", base="http://127.0.0.1:8"))


def test_what_is_not_to_be_stored_is_not_written_down() -> None:
    row = openai("a")
    shot = snapshot(row)
    candidate = cast(Candidate, SimpleNamespace(deployment=row))
    room = Room()
    makers = Makers(room, lambda: 0.0)
    makers.keep(call_of(shot), candidate, "yes")
    makers.keep(call_of(shot, store=True), candidate, "yes_too")
    makers.keep(call_of(shot, store=False), candidate, "no")
    makers.keep(call_of(shot, "stored"), candidate, "nor_this")
    makers.keep(call_of(shot), candidate, "")
    makers.keep(call_of(shot), candidate, "full")
    assert set(room.made) == {"yes", "yes_too"}
    assert makers.of("yes", Caller()) == "a"


def test_a_virtual_key_finds_only_what_was_made_with_it() -> None:
    mine, other = Caller("k1", grant=Grant("k1")), Caller("k2", grant=Grant("k2"))
    room = Room()
    room.owner = "k1"
    room.made["r1"] = "x"
    makers = Makers(room, lambda: 0.0)
    assert makers.of("r1", mine) == "x"
    assert makers.of("r1", Caller("master", admin=True)) == "x"
    with pytest.raises(UnknownResponse):
        makers.of("r1", other)
    assert makers.of("r2", other) is None
