"""A client gets its own tools back."""

from trunkline.model.conversation import Conversation, Tool
from trunkline.model.dialect import Written
from trunkline.model.events import ArgumentsDelta, BlockStop, Event, Other, Start, Stop, TextDelta, TextStart, ToolStart
from trunkline.model.grammar import check
from trunkline.model.wires import Wire
from trunkline.wire.restore import Restore

TOOLS = [
    Tool("größe", schema={}),
    Tool("apply_patch", custom=True),
    Tool("exec", custom=True, namespace="functions"),
    Tool("exec", namespace="other"),
]
ASKED = Conversation("openai_responses", "m", [], tools=TOOLS)
WRITTEN = Written(
    {}, names={"gr_e": "größe", "functions__exec": "exec", "other__exec": "exec"},
    customs=frozenset({"apply_patch", "functions__exec"}),
)  # fmt: skip


def restored(name: str, *fragments: str) -> list[Event]:
    events: list[Event] = [ToolStart("c", name), *map(ArgumentsDelta, fragments), BlockStop()]
    out = Restore(ASKED, WRITTEN).events(events)
    check([Start(), *out, Stop("tool")])
    return out


def test_a_changed_name_is_changed_back() -> None:
    assert restored("gr_e", '{"a"', ":1}") == [
        ToolStart("c", "größe"), ArgumentsDelta('{"a"'), ArgumentsDelta(":1}"), BlockStop()
    ]  # fmt: skip


def test_a_picture_that_has_no_place_is_told_of() -> None:
    shown: list[tuple[Wire, dict[str, object], str]] = [
        ("gemini", {"inlineData": {"mimeType": "image/png", "data": "aGk="}}, "image"),
        ("gemini", {"fileData": {"mimeType": "application/pdf", "fileUri": "x"}}, "file"),
        ("gemini", {"executableCode": {"code": "1"}}, ""),
        ("openai_responses", {"type": "image_generation_call", "result": "aGk="}, "image"),
        ("openai_responses", {"type": "image_generation_call", "status": "failed"}, ""),
        ("openai_responses", {"type": "web_search_call"}, ""),
    ]
    for wire, raw, what in shown:
        event = Other(wire, raw)
        for client in ("openai_chat", wire):
            out = Restore(Conversation(client, "m", []), Written({})).events([event])
            words = [TextStart(), TextDelta(f"[{what} omitted: this format has no place for it]"), BlockStop()]
            assert out == [event, *(words if what and client != wire else [])]
            check([Start(), *out, Stop("end")])


def test_free_text_comes_out_of_its_json() -> None:
    out = restored("apply_patch", '{"inp', 'ut": "*** Begin\\n"}')
    assert out == [ToolStart("c", "apply_patch", custom=True), ArgumentsDelta("*** Begin\n"), BlockStop()]


def test_text_that_was_never_wrapped_is_taken_as_it_is() -> None:
    assert restored("apply_patch", "*** Begin")[1] == ArgumentsDelta("*** Begin")
    assert restored("apply_patch") == [ToolStart("c", "apply_patch", custom=True), BlockStop()]


def test_two_namespaces_with_one_name_are_told_apart() -> None:
    assert restored("functions__exec", '{"input":"x"}')[0] == ToolStart("c", "exec", custom=True, namespace="functions")
    assert restored("other__exec", "{}")[0] == ToolStart("c", "exec", namespace="other")
