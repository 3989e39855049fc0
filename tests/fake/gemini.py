"""Google's Gemini API. Source: ai.google.dev/api and the SDK `google-genai` 3.4.0 (2026-11).

A stream comes as server-sent events with `alt=sse`, else as one JSON array in pieces. The refusals are in gemini_rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from tests.fake.behaviour import Behaviour, from_words
from tests.fake.gemini_rules import camel, check, merged, signature
from tests.fake.turn import Ask, Call, Tool, Turn, count_words
from tests.fake.wire import Event, Json, Refused, compact, spoken, sse

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}
_STOPS = {
    "end": "STOP",
    "stop": "STOP",
    "tool": "STOP",
    "pause": "STOP",
    "length": "MAX_TOKENS",
    "window": "MAX_TOKENS",
    "refusal": "SAFETY",
    "network": "OTHER",
}
BLOCKED = "blocked"
"""`STOP=blocked`: the prompt is refused before any candidate."""


class Gemini:
    """`verb` is what follows the model in the path."""

    call_prefix = "fc"

    def __init__(self, verb: str = "generateContent") -> None:
        self._verb = verb
        self._sse = True
        self._begun = False
        self.stream_type = "text/event-stream"

    def ask(self, body: Json, headers: Mapping[str, str]) -> Ask:
        model = str(body.pop("model", ""))
        body = camel(body)
        if self._verb == "countTokens":
            body = body.get("generateContentRequest") or body
            if body.get("model", f"models/{model}") != f"models/{model}":
                raise Refused(400, "* CountTokensRequest.generate_content_request.model: must match the path's model")
        check(body, model)
        self._sse = parse_qs(headers.get(":query", "")).get("alt") == ["sse"]
        self.stream_type = "text/event-stream" if self._sse else "application/json; charset=UTF-8"
        prompt, rounds = "", 0
        results: list[str] = []
        for turn in merged(body["contents"]):
            if turn["role"] == "model":
                rounds += any("functionCall" in part for part in turn["parts"])
                continue
            given = [_result(part["functionResponse"]) for part in turn["parts"] if "functionResponse" in part]
            results += given
            said = spoken(turn["parts"])
            if said and (not given or from_words(said) != Behaviour()):
                prompt, results, rounds = said, [], 0
        config = body.get("generationConfig") or {}
        calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
        allowed = calling.get("allowedFunctionNames") or []
        tools = [one for tool in body.get("tools") or [] for one in tool.get("functionDeclarations") or []]
        return Ask(
            model=model,
            stream=self._verb == "streamGenerateContent",
            prompt=prompt,
            words=count_words([body.get("systemInstruction"), body["contents"], body.get("tools")]),
            tools=[_tool(one) for one in tools if not allowed or one["name"] in allowed],
            results=results,
            rounds=rounds,
            forced=(allowed[0] if len(allowed) == 1 else "") if calling.get("mode") == "ANY" else None,
            no_tools=calling.get("mode") == "NONE",
            limit=config.get("maxOutputTokens"),
            schema=config.get("responseJsonSchema") or _lowered(config.get("responseSchema")),
            json_only=config.get("responseMimeType") == "application/json",
            body=body,
        )

    def counted(self, words: int) -> Json:
        """The answer to `:countTokens`."""
        return {"totalTokens": words, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": words}]}

    def _chunk(self, ask: Ask, turn: Turn, how: Behaviour, parts: list[Json], output: int, end: bool = False) -> Json:
        candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if end:
            candidate["finishReason"] = _STOPS.get(turn.stop, turn.stop)
        head: Json = {"candidates": [candidate]}
        if end and turn.stop == BLOCKED:
            head = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
            output = 0
        if "nousage" not in how.quirks:
            head["usageMetadata"] = _usage(turn, output)
        return {**head, "modelVersion": ask.model, "responseId": f"fakeR{turn.serial:08d}"}

    def _shown(self, ask: Ask, turn: Turn) -> list[str]:
        config = (ask.body.get("generationConfig") or {}).get("thinkingConfig") or {}
        return turn.thinking if config.get("includeThoughts") else []

    def _calls(self, ask: Ask, turn: Turn, how: Behaviour) -> list[Json]:
        """Of parallel calls only the first has a signature."""
        made = [_call(call, how) for call in turn.calls]
        if made and not ask.model.startswith("gemini-1"):
            made[0]["thoughtSignature"] = signature(turn.serial)
        return made

    def whole(self, ask: Ask, turn: Turn, how: Behaviour) -> Json:
        parts: list[Json] = []
        if shown := self._shown(ask, turn):
            parts.append({"text": "".join(shown), "thought": True})
        if turn.text:
            parts.append({"text": turn.said})
        if turn.thinking and not turn.calls and turn.text:
            parts[-1]["thoughtSignature"] = signature(turn.serial)
        return self._chunk(ask, turn, how, [*parts, *self._calls(ask, turn, how)], turn.output, end=True)

    def events(self, ask: Ask, turn: Turn, how: Behaviour) -> Iterator[Event]:
        sent: list[Json] = [{"text": piece, "thought": True} for piece in self._shown(ask, turn)]
        if turn.stop != BLOCKED:
            sent += [{"text": piece} for piece in turn.text]
            for at, part in enumerate([*sent, *self._calls(ask, turn, how)]):
                yield Event("delta", self._chunk(ask, turn, how, [part], min(at + 1, turn.output)))
        last: Json = {"text": ""}
        if turn.thinking and not turn.calls:
            last["thoughtSignature"] = signature(turn.serial)
        yield Event("last", self._chunk(ask, turn, how, [last], turn.output, end=True))

    def error(self, status: int, message: str, code: str | None, type_: str | None) -> Json:
        error: Json = {"code": status, "message": message, "status": type_ or STATUSES.get(status, "INVALID_ARGUMENT")}
        details: list[Json] = []
        if code is not None:
            info = "type.googleapis.com/google.rpc.ErrorInfo"
            details.append({"@type": info, "reason": code, "domain": "googleapis.com"})
        if status == 429:
            details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"})
        return {"error": {**error, "details": details} if details else error}

    def error_event(self, how: Behaviour) -> Event:
        message = how.message or "The model is overloaded. Please try again later."
        return Event("last", self.error(503, message, how.code, how.error_type))

    def frame(self, event: Event, *, crlf: bool) -> bytes:
        if self._sse:
            return sse(event, crlf=True)
        before = b",\r\n" if self._begun else b"["
        self._begun = True
        return before + compact(event.data).encode() + (b"]" if event.kind == "last" else b"")

    def ping(self) -> bytes:
        return b""

    def headers(self, serial: int, ask: Ask) -> list[tuple[str, str]]:
        return [("server-timing", "gfet4t7; dur=12"), ("vary", "Origin")]


def _usage(turn: Turn, output: int) -> Json:
    thought = min(turn.thought, output)
    usage: Json = {"promptTokenCount": turn.input, "candidatesTokenCount": output - thought}
    if turn.cached:
        usage["cachedContentTokenCount"] = turn.cached
    if thought:
        usage["thoughtsTokenCount"] = thought
    return {**usage, "totalTokenCount": turn.input + output}


def _call(call: Call, how: Behaviour) -> Json:
    told: Json = {} if "noid" in how.quirks else {"id": call.id}
    return {"functionCall": {**told, "name": call.name, "args": call.arguments}}


def _result(given: Json) -> str:
    """What a tool said, its envelope taken off, with a word for each picture."""
    response = given.get("response") or {}
    texts = [response[name] for name in ("result", "output", "error") if isinstance(response.get(name), str)]
    texts = texts or [compact(response)]
    return " ".join([*texts, *(f"[{_kind(part)}]" for part in given.get("parts") or [])])


def _kind(part: Json) -> str:
    return str((part.get("inlineData") or {}).get("mimeType"))


def _tool(one: Json) -> Tool:
    return Tool(one["name"], one.get("parametersJsonSchema") or _lowered(one.get("parameters")) or {})


def _lowered(value: Any) -> Any:
    """A schema with its types in small letters."""
    if isinstance(value, list):
        return [_lowered(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: member.lower() if name == "type" and isinstance(member, str) else _lowered(member)
        for name, member in value.items()
    }
