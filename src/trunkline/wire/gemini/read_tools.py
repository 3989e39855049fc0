"""The tools that a Gemini client offers, and how they are to be used."""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Tool, ToolChoice
from trunkline.wire.gemini.schema import as_json_schema
from trunkline.wire.gemini.spelling import Json, a_text, an_object, objects

KINDS = {"googleSearch": "web_search", "urlContext": "web_fetch", "codeExecution": "code_execution"}
"""What Google runs itself, by the names that the other wires know it by."""

_DECLARED = ("name", "description", "parameters", "parametersJsonSchema")


def read_tools(value: Any) -> list[Tool]:
    """`tools`: functions one by one, and each thing that Google runs itself."""
    out: list[Tool] = []
    for at, entry in enumerate(objects(value, "tools")):
        where = f"tools[{at}].functionDeclarations"
        for name, given in entry.items():
            if name == "functionDeclarations":
                out += [_function(one, f"{where}[{nth}]") for nth, one in enumerate(objects(given, where))]
            else:
                kind = KINDS.get(name, name)
                out.append(Tool(name=kind, server=True, kind=kind, raw={name: given}, origin="gemini"))
    return out


def _function(declared: Json, param: str) -> Tool:
    schema = declared.get("parametersJsonSchema")
    if schema is None:
        schema = as_json_schema(declared.get("parameters"))
    return Tool(
        name=a_text(declared.get("name"), f"{param}.name"),
        description=a_text(declared.get("description", ""), f"{param}.description"),
        schema=schema if isinstance(schema, dict) and schema else {"type": "object", "properties": {}},
        raw={name: member for name, member in declared.items() if name not in _DECLARED},
        origin="gemini",
    )


def read_choice(value: Any) -> tuple[ToolChoice | None, Json]:
    """`toolConfig` as (what was chosen, the members that only Google knows)."""
    config = an_object(value, "toolConfig")
    calling = config.pop("functionCallingConfig", None)
    if calling is None:
        return None, config
    calling = an_object(calling, "toolConfig.functionCallingConfig")
    mode = a_text(calling.get("mode", "AUTO"), "toolConfig.functionCallingConfig.mode").upper()
    given = calling.get("allowedFunctionNames")
    allowed = tuple(name for name in given if isinstance(name, str)) if isinstance(given, list) else ()
    if mode == "NONE":
        return ToolChoice("none"), config
    if mode == "ANY" and len(allowed) == 1:
        return ToolChoice("one", allowed[0]), config
    return ToolChoice("any" if mode == "ANY" else "auto", allowed=allowed), config
