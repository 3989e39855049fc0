"""Writes the tools of a request, and the choice among them, for a provider of this wire."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from trunkline.model.conversation import Conversation, Tool
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import absent, loss
from trunkline.wire.openai_responses.schemas import is_strict, rooted

Json = dict[str, Any]

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 64


def fit(name: str) -> str:
    """A tool's name as OpenAI takes it (`^[a-zA-Z0-9_-]{1,64}$`); the same one for the same name, always."""
    made = _UNFIT.sub("_", name)
    if made == name and 0 < len(name) <= _LONGEST:
        return name
    mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{made[: _LONGEST - 9]}_{mark}"


def bare(tool: Tool) -> str:
    """How the client of this wire calls a tool inside its namespace."""
    return str(tool.raw.get("name") or tool.name) if tool.namespace else tool.name


class Offer:
    """The tools that are sent: `tools`, `tool_choice`, `parallel_tool_calls` and the hint that stands for a choice."""

    def __init__(self, conversation: Conversation, dialect: Dialect, written: Written) -> None:
        self._asked = conversation
        self._dialect = dialect
        self._written = written
        self._kinds: dict[str, str] = {}
        self.hint = ""
        self.absent: list[Tool] = []
        self.tools: list[Json] = []
        if conversation.tools and dialect.tools is False:
            written.lost += loss.refuse_or_lose(dialect, ["tools"], "this model takes no tools.")
        else:
            self._all()
        written.offered = frozenset(
            each["name"]
            for made in self.tools
            for each in (made["tools"] if made["type"] == "namespace" else [made])
            if each["type"] == "function"
        )
        written.absent = absent.names(self.absent)
        self.members = self._members()

    def _all(self) -> None:
        for tool in self._asked.tools:
            made = self._server(tool) if tool.server else self._one(tool)
            if made is None:
                continue
            self._kinds[tool.name] = made["type"]
            last = self.tools[-1] if self.tools else {}
            if not tool.namespace:
                self.tools.append(made)
            elif last.get("type") == "namespace" and last["name"] == tool.namespace:
                last["tools"].append(made)
            else:
                words = tool.raw.get("namespace") or tool.namespace
                space = {"type": "namespace", "name": tool.namespace, "description": words, "tools": [made]}
                self.tools.append(space)

    def _one(self, tool: Tool) -> Json:
        name = fit(bare(tool))
        if name != bare(tool):
            self._written.names[name] = tool.name
        made: Json = {"type": "custom" if tool.custom else "function", "name": name}
        if tool.description:
            made["description"] = tool.description
        if tool.custom:
            if tool.grammar:
                made["format"] = _grammar(tool.grammar)
        else:
            made |= self._schema(tool)
        if tool.origin == "openai_responses":
            made |= {name: value for name, value in tool.raw.items() if name not in ("name", "namespace")}
        return made

    def _schema(self, tool: Tool) -> Json:
        if tool.origin == "openai_responses":
            told = {} if tool.strict is None else {"strict": tool.strict}
            return {"parameters": tool.schema or {"type": "object", "properties": {}}, **told}
        schema, widened = rooted(tool.schema)
        if tool.strict and not is_strict(schema):
            self._lose("strict")
        if widened and "schema_root" not in self._written.repairs:
            self._written.repairs.append("schema_root")
        # An absent `strict` is true to the vendor where the schema allows it, and makes optional members required.
        return {"parameters": schema, "strict": tool.strict is True and is_strict(schema)}

    def _server(self, tool: Tool) -> Json | None:
        """A tool that the provider runs itself: its own as it was, a web search translated, else none."""
        if tool.origin == "openai_responses":
            return tool.raw
        if tool.kind != "web_search" or self._dialect.provider not in ("openai", "azure"):
            self._written.lost.append(loss.tool(tool))
            self.absent.append(tool)
            return None
        made: Json = {"type": "web_search"}
        if isinstance(tool.raw.get("allowed_domains"), list) and tool.raw["allowed_domains"]:
            made["filters"] = {"allowed_domains": tool.raw["allowed_domains"]}
        if isinstance(tool.raw.get("user_location"), dict):
            made["user_location"] = tool.raw["user_location"]
        self._written.lost += loss.unsaid(tool, made)
        return made

    def _lose(self, what: str) -> None:
        self._written.lost.append(loss.called(self._asked.wire, what))

    def _members(self) -> Json:
        choice = self._asked.choice
        if not self.tools:
            return {}
        made: Json = {"tools": self.tools}
        if choice is None:
            return made
        if said := self._choice():
            made["tool_choice"] = said
        if choice.parallel is not None:
            made["parallel_tool_calls"] = choice.parallel
        return made

    def _choice(self) -> str | Json:
        choice = self._asked.choice
        assert choice is not None
        forced = choice.mode == "any" or (choice.mode == "one" and choice.name in self._kinds)
        if forced and self._dialect.forced_tool is False:
            which = f"the tool `{fit(choice.name)}`" if choice.mode == "one" else "one of the tools"
            self.hint = f"You must call {which} now."
            self._written.repairs.append("tool_choice")
            return "auto"
        if choice.mode == "one":
            if not forced:
                self._lose("tool_choice")
            return self._named(choice.name) if forced else "auto"
        allowed = [self._named(name) for name in choice.allowed if name in self._kinds]
        if allowed:
            return {"type": "allowed_tools", "mode": "required" if choice.mode == "any" else "auto", "tools": allowed}
        return {"any": "required", "none": "none", "auto": "auto"}[choice.mode]

    def _named(self, name: str) -> Json:
        kind = self._kinds[name]
        if kind not in ("function", "custom"):
            return {"type": kind}
        tool = next(tool for tool in self._asked.tools if tool.name == name)
        space = {"namespace": tool.namespace} if tool.namespace else {}
        return {"type": kind, "name": fit(bare(tool)), **space}


def _grammar(told: Json) -> Json:
    """A grammar, flat as this wire has it; the chat wire nests it."""
    inside = told.get("grammar")
    return {"type": "grammar", **inside} if isinstance(inside, dict) else {"type": "grammar", **told}
