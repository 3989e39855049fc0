"""OpenAI Responses events as clients need them.

Facts: platform.openai.com/docs/api-reference/responses-streaming, the accumulator of the `openai` SDK 3.52.0, and what
Codex 0.169 reads: the items that are done, and the end (2026-11). Items come one after another, as the vendor sends.
"""

from __future__ import annotations

from trunkline.wire.grammars.frames import Automaton, Json
from trunkline.wire.grammars.items import CALLS, Item

_ENDS = {"response.completed": "completed", "response.incomplete": "incomplete", "response.failed": "failed"}
_BEGINNING = ("response.created", "response.in_progress", "response.queued")


class Responses(Automaton):
    """created, in_progress, items one after another (each added, filled and done), and one end with all of them."""

    wire = "openai_responses"

    def __init__(self) -> None:
        super().__init__()
        self._id = ""
        self._begun = ""
        self._item: Item | None = None
        self._numbered = 0
        self._done: list[Json] = []
        self._calls: set[str] = set()

    def event(self, name: str, payload: str) -> None:
        event = self.document(payload)
        kind = self.said(event, "type")
        self.must(name == kind, f"the event is named {name!r} and its type is {kind!r}")
        if kind == "error":
            self.said(event, "message")
            self.ended = True
            return
        number = self.member(event, "sequence_number", int)
        self.must(number == self._numbered, f"sequence_number {number} where {self._numbered} comes next")
        if kind in _BEGINNING:
            self._begin(kind, self.member(event, "response", dict))
        elif kind in _ENDS:
            self._end(kind, self.member(event, "response", dict))
        else:
            self.must(self._begun, f"{kind} before response.created")
            self._inside(kind, event)
        self._numbered += 1

    def _begin(self, kind: str, response: Json) -> None:
        if kind == "response.created":
            self.must(not self._begun, "response.created twice")
            self._id = self.said(response, "id")
        else:
            self.must(self._begun and not self._done and self._item is None, f"{kind} at the wrong time")
        self._begun = kind
        self._response(response, "queued" if kind == "response.queued" else "in_progress")
        self.must(response.get("output") == [], f"{kind} has output already")

    def _response(self, response: Json, status: str) -> None:
        self.must(response.get("id") == self._id, f"the response's id changed to {response.get('id')!r}")
        self.must(response.get("object") == "response", f"object is {response.get('object')!r}")
        self.must(response.get("status") == status, f"the status is {response.get('status')!r}, not {status!r}")
        if status != "failed":  # whoever failed may never have said who it is
            self.said(response, "model")

    def _inside(self, kind: str, event: Json) -> None:
        index = self.member(event, "output_index", int)
        self.must(index == len(self._done), f"{kind} of item {index} where {len(self._done)} comes next")
        if kind == "response.output_item.added":
            self.must(self._item is None, f"item {index} is added before the one before it is done")
            self._item = Item(self, self.member(event, "item", dict))
            return
        item = self._item
        if item is None:
            self.fail(f"{kind} without an item")
        elif kind == "response.output_item.done":
            done = self.member(event, "item", dict)
            item.done(done)
            if done.get("type") in CALLS:  # what the vendor's own tools come to has the id of its call
                self.must(done["call_id"] not in self._calls, f"two calls with the id {done['call_id']!r}")
                self._calls.add(done["call_id"])
            self._done.append(done)
            self._item = None
        else:
            item.take(kind, event)

    def _end(self, kind: str, response: Json) -> None:
        self.must(self._begun, f"{kind} before response.created")
        self.must(kind == "response.failed" or self._item is None, f"{kind} while an item is open")
        self._response(response, _ENDS[kind])
        if kind == "response.failed":
            self.said(self.member(response, "error", dict), "message")
        else:
            self.must(response.get("output") == self._done, f"{kind}: its output is not the items that were done")
            usage = self.member(response, "usage", dict)
            self.counts(usage, "input_tokens", "output_tokens", "total_tokens")
        if kind == "response.incomplete":
            self.said(self.member(response, "incomplete_details", dict), "reason")
        self.ended = True
