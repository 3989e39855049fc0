"""Tools, the choice among them and the answer's form, as this wire's providers take them."""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Conversation, Shape, Tool, ToolChoice
from trunkline.wire import absent, loss
from trunkline.wire.arguments import as_text
from trunkline.wire.openai_chat.names import sent_name
from trunkline.wire.openai_chat.notes import Notes
from trunkline.wire.openai_chat.schema import object_root, qualifies
from trunkline.wire.openai_chat.ways import Way

Json = dict[str, Any]


class Tools:
    """Writes what is offered. `names` and `customs` are for the way back (see `Written`)."""

    def __init__(self, conversation: Conversation, notes: Notes, way: Way) -> None:
        self._conversation = conversation
        self._notes = notes
        self._way = way
        self.names: dict[str, str] = {}
        self.customs: set[str] = set()
        self.offered: frozenset[str] = frozenset()
        self.absent: list[Tool] = []
        self.hints: list[str] = []
        """What has to be said in words, since the provider has no member for it."""
        self.demand = ""
        """The same for a call that is demanded in this turn."""

    def write(self, body: Json) -> None:
        """`tools`, `tool_choice` and `parallel_tool_calls`, as far as there is anything to say."""
        choice = self._conversation.choice or ToolChoice()
        tools = self._conversation.tools
        if self._notes.dialect.tools is False and tools:
            self._notes.lose_or_refuse("tools", "this model takes no tools.")
            return
        if choice.mode == "none" and not self._way.forced_tool:
            return
        if choice.allowed and not self._way.allowed_tools:
            tools = [tool for tool in tools if tool.name in choice.allowed or tool.server]
        written = [each for tool in tools if (each := self._tool(tool, body)) is not None]
        if told := absent.note(self.absent):
            self.hints.append(told)
        if not written:
            return
        body["tools"] = written
        self.offered = frozenset(each["function"]["name"] for each in written if each.get("type") == "function")
        self._choose(choice, body)
        if choice.parallel is not None:
            if self._way.parallel:
                body["parallel_tool_calls"] = choice.parallel
            elif not choice.parallel:
                self._notes.lose("parallel")

    def _tool(self, tool: Tool, body: Json) -> Json | None:
        if tool.server:
            return self._server(tool, body)
        name = sent_name(tool.name, tool.namespace)
        if name != tool.name:
            self.names[name] = tool.name
        if tool.custom and self._way.custom_tools:
            custom: Json = {"name": name}
            if tool.description:
                custom["description"] = tool.description
            if tool.grammar:
                custom["format"] = _format(tool.grammar)
            return {"type": "custom", "custom": custom}
        if tool.custom:
            self.customs.add(name)
        function: Json = {"name": name}
        description = _described(tool) if tool.custom else tool.description
        if description:
            function["description"] = description
        schema = _FREE if tool.custom else tool.schema
        function["parameters"] = object_root(schema)
        if function["parameters"] != schema and tool.schema:
            self._notes.mend("schema_root")
        if tool.strict and not (self._way.strict and qualifies(function["parameters"])):
            self._notes.lose("strict")
        elif tool.strict is not None and self._way.strict:
            function["strict"] = tool.strict
        return {"type": "function", "function": function}

    def _server(self, tool: Tool, body: Json) -> Json | None:
        """A tool that the provider would run: its own, or a web search where it has one; else it is not offered."""
        if tool.origin == "openai_chat":
            if "web_search_options" in tool.raw:
                body["web_search_options"] = tool.raw["web_search_options"]
                return None
            return dict(tool.raw)
        if tool.kind.startswith("web_search") and self._way.zai:
            search = {"enable": True, "search_engine": "search_pro_jina", "search_result": True}
            for name in loss.unsaid(tool, search):
                self._notes.name(name)
            return {"type": "web_search", "web_search": search}
        self._notes.name(loss.tool(tool))
        self.absent.append(tool)
        return None

    def _choose(self, choice: ToolChoice, body: Json) -> None:
        custom = {tool.name for tool in self._conversation.tools if tool.custom and self._way.custom_tools}
        spaces = {tool.name: tool.namespace for tool in self._conversation.tools if not tool.server}
        if choice.mode == "one" and choice.name not in spaces:
            # It was a server's tool, which is not offered here.
            self._notes.lose("tool_choice")
            return
        forced = choice.mode in ("any", "one")
        able = self._notes.dialect.forced_tool
        if forced and not (self._way.forced_tool if able is None else able):
            name = sent_name(choice.name, spaces.get(choice.name, ""))
            which = f"the tool {name}" if choice.mode == "one" else "one of the tools"
            self.demand = f"You must call {which} now."
            self._notes.mend("tool_choice")
            body["tool_choice"] = "auto"
        elif choice.allowed and self._way.allowed_tools:
            allowed = [_reference(name, name in custom, spaces.get(name, "")) for name in choice.allowed]
            mode = "required" if forced else "auto"
            body["tool_choice"] = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": allowed}}
        elif choice.mode == "one":
            body["tool_choice"] = _reference(choice.name, choice.name in custom, spaces[choice.name])
        elif self._conversation.choice is not None:
            body["tool_choice"] = "required" if choice.mode == "any" else choice.mode

    def shape(self, body: Json) -> None:
        """`response_format`."""
        shape = self._conversation.shape
        if shape is None:
            return
        if shape.kind == "schema" and self._way.schemas and self._notes.dialect.json_schema is not False:
            body["response_format"] = {"type": "json_schema", "json_schema": self._schema(shape)}
            return
        body["response_format"] = {"type": "json_object"}
        if shape.kind == "schema":
            self.hints.append(f"Answer with one JSON object that fits this JSON schema:\n{as_text(shape.schema)}")
            self._notes.mend("schema_in_prompt")
        elif self._conversation.wire != "openai_chat":
            # OpenAI refuses the format unless the word stands in the prompt.
            self.hints.append("Answer with one JSON object.")

    def _schema(self, shape: Shape) -> Json:
        written: Json = {"name": sent_name(shape.name or "answer")}
        if shape.description:
            written["description"] = shape.description
        written["schema"] = shape.schema
        fits = qualifies(shape.schema)
        if shape.strict is False or (fits and (shape.strict or self._conversation.wire != "openai_chat")):
            written["strict"] = shape.strict is not False
        elif shape.strict:
            self._notes.lose("strict")
        return written


_FREE: Json = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
    "additionalProperties": False,
}
"""What a tool that takes free text takes where there are functions only."""


def _described(tool: Tool) -> str:
    rule = ""
    if tool.grammar and tool.grammar.get("definition"):
        syntax = tool.grammar.get("syntax") or "given"
        rule = f"`input` must follow this {syntax} grammar:\n{tool.grammar['definition']}"
    return "\n\n".join(each for each in (tool.description, rule) if each)


def _format(grammar: Json) -> Json:
    """A custom tool's format, which nests the grammar here and is flat in Responses."""
    if grammar.get("type") == "text" or "grammar" in grammar:
        return grammar
    return {"type": "grammar", "grammar": {name: value for name, value in grammar.items() if name != "type"}}


def _reference(name: str, custom: bool, namespace: str) -> Json:
    kind = "custom" if custom else "function"
    return {"type": kind, kind: {"name": sent_name(name, namespace)}}
