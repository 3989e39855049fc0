"""What Gemini refuses, as far as a gateway could get it wrong. Source: ai.google.dev/api, /gemini-api/docs/thinking and
/docs/thought-signatures (2026-11); the sentences are those that callers report.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from tests.fake.wire import Json, Refused

SKIP = "skip_thought_signature_validator"
_SEAL = b"fake-thought:"
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$")
_OLD = re.compile(r"gemini-[12]\b")
_KNOWN = frozenset(
    [
        *("contents", "systemInstruction", "tools", "toolConfig", "safetySettings", "generationConfig", "labels"),
        *("cachedContent", "serviceTier", "store", "model", "generateContentRequest"),
    ]
)
_CONFIG = frozenset(
    [
        *("temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed", "logprobs"),
        *("presencePenalty", "frequencyPenalty", "responseMimeType", "responseSchema", "responseJsonSchema"),
        *("responseLogprobs", "thinkingConfig", "responseModalities", "mediaResolution", "speechConfig"),
        *("imageConfig", "enableEnhancedCivicAnswers", "responseFormat", "audioTimestamp"),
    ]
)
_NO_OPENAPI = ("additionalProperties", "$ref", "$defs", "$schema", "oneOf", "allOf", "const", "patternProperties")


def signature(serial: int) -> str:
    """An opaque signature; `check` knows it again, and refuses any other."""
    return base64.b64encode(_SEAL + f"{serial:06d}".encode()).decode()


def camel(value: Any) -> Any:
    """The same with members in camelCase all the way down, but for what belongs to schemas and to callers."""
    if isinstance(value, list):
        return [camel(one) for one in value]
    if not isinstance(value, dict):
        return value
    made: Json = {}
    for name, member in value.items():
        head, *rest = name.split("_")
        name = head + "".join(part.capitalize() for part in rest)
        own = ("args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema")
        made[name] = member if name in own else camel(member)
    return made


def check(body: Json, model: str) -> None:
    """Raise Refused for a request that Gemini would refuse. `body` is in camelCase."""
    old = bool(_OLD.match(model))
    for name in body:
        if name not in _KNOWN:
            raise Refused(400, f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    if not body.get("contents"):
        raise Refused(400, "* GenerateContentRequest.contents: contents is not specified\n")
    config = body.get("generationConfig") or {}
    _check_config(config, model, old=old)
    tools = body.get("tools") or []
    declared = [one for tool in tools for one in tool.get("functionDeclarations") or []]
    _check_tools(tools, declared, body.get("toolConfig") or {})
    if old and declared and config.get("responseMimeType") == "application/json":
        raise Refused(400, "Function calling with a response mime type: 'application/json' is unsupported")
    _check_contents(body["contents"], old=old)


def _check_config(config: Json, model: str, *, old: bool) -> None:
    for name in config:
        if name not in _CONFIG:
            where = "at 'generation_config'"
            raise Refused(400, f'Invalid JSON payload received. Unknown name "{name}" {where}: Cannot find field.')
    if not 0 <= config.get("temperature", 0) <= 2:
        raise Refused(400, "* GenerateContentRequest.generation_config.temperature: must be in the range [0.0, 2.0]")
    if len(config.get("stopSequences") or []) > 5:
        raise Refused(400, "The number of stop sequences must be at most 5.")
    if config.get("maxOutputTokens", 1) < 1:
        raise Refused(400, "max_output_tokens must be positive.")
    if "responseSchema" in config and "responseJsonSchema" in config:
        raise Refused(400, "Only one of response_schema and response_json_schema may be set.")
    if ("responseSchema" in config or "responseJsonSchema" in config) and config.get("responseMimeType") in (
        None,
        "text/plain",
    ):
        raise Refused(400, "A response schema needs response_mime_type 'application/json'.")
    thinking = config.get("thinkingConfig") or {}
    if "thinkingBudget" in thinking and "thinkingLevel" in thinking:
        raise Refused(400, "You can only set only one of thinking budget and thinking level.")
    if old and "thinkingLevel" in thinking:
        raise Refused(400, "Thinking level is not supported for this model.")
    if "pro" in model and thinking.get("thinkingBudget") == 0:
        raise Refused(400, "Budget 0 is invalid. This model only works in thinking mode.")
    level = thinking.get("thinkingLevel")
    if level not in (None, "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH", "THINKING_LEVEL_UNSPECIFIED"):
        raise Refused(400, f"Invalid value at 'generation_config.thinking_config.thinking_level', \"{level}\"")
    if level == "XHIGH" or (level == "MINIMAL" and ("pro" in model or model.startswith("gemini-3.8-flash"))):
        raise Refused(400, f"Thinking level {level} is not supported for this model.")


def _check_tools(tools: list[Json], declared: list[Json], config: Json) -> None:
    for at, one in enumerate(declared):
        if not _NAME.match(str(one.get("name", ""))):
            raise Refused(
                400,
                f"* GenerateContentRequest.tools[0].function_declarations[{at}].name: Invalid function name. Must start "
                "with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), "
                "colons (:), or dashes (-), with a maximum length of 64.",
            )
        if "parameters" in one and "parametersJsonSchema" in one:
            raise Refused(400, "Only one of parameters and parameters_json_schema may be set.")
        for name in _NO_OPENAPI:
            if name in (one.get("parameters") or {}):
                where = f"'tools[0].function_declarations[{at}].parameters'"
                raise Refused(
                    400, f'Invalid JSON payload received. Unknown name "{name}" at {where}: Cannot find field.'
                )
    if declared and any(name != "functionDeclarations" for tool in tools for name in tool):
        raise Refused(400, "Built-in tools and Function Calling cannot be combined in the same request.")
    calling = config.get("functionCallingConfig") or {}
    allowed = calling.get("allowedFunctionNames") or []
    if allowed and calling.get("mode") not in ("ANY", "VALIDATED"):
        raise Refused(400, "allowed_function_names should be set only when the mode is ANY or VALIDATED.")
    if set(allowed) - {one.get("name") for one in declared}:
        raise Refused(400, "allowed_function_names holds a name that is not declared.")
    if calling.get("mode") == "ANY" and not declared:
        raise Refused(400, "Function calling config is set without function_declarations.")


def merged(contents: Any) -> list[Json]:
    """The contents with neighbours of one role made one."""
    made: list[Json] = []
    for at, content in enumerate(contents if isinstance(contents, list) else [contents]):
        role = content.get("role") or "user"
        if role not in ("user", "model", "function"):
            raise Refused(400, "Please use a valid role: user, model.")
        role = "user" if role == "function" else role
        parts = content.get("parts")
        parts = [parts] if isinstance(parts, dict) else parts
        if not parts:
            raise Refused(400, f"* GenerateContentRequest.contents[{at}].parts: contents.parts must not be empty.\n")
        if made and made[-1]["role"] == role:
            made[-1]["parts"] += parts
        else:
            made.append({"role": role, "parts": [*parts]})
    return made


def _check_contents(contents: Any, *, old: bool) -> None:
    turns = merged(contents)
    calls = 0
    for at, turn in enumerate(turns):
        for part in turn["parts"]:
            _check_part(at, part)
        made = [part for part in turn["parts"] if "functionCall" in part]
        given = [part for part in turn["parts"] if "functionResponse" in part]
        if turn["role"] == "model":
            if made and at == 0:
                raise Refused(
                    400,
                    "Please ensure that function call turn comes immediately after a user turn or after a function "
                    "response turn.",
                )
            calls = len(made)
            continue
        if given and not calls:
            raise Refused(
                400, "Please ensure that function response turn comes immediately after a function call turn."
            )
        if len(given) != calls:
            raise Refused(
                400,
                "Please ensure that the number of function response parts is equal to the number of function call "
                "parts of the function call turn.",
            )
        calls = 0
    _check_signatures(turns, old=old)


def _check_part(at: int, part: Json) -> None:
    kinds = [name for name in part if name not in ("thought", "thoughtSignature", "partMetadata", "videoMetadata")]
    if len(kinds) != 1 and not (not kinds and "thoughtSignature" in part):
        raise Refused(
            400,
            f"* GenerateContentRequest.contents[{at}].parts[0].data: required oneof field 'data' must have one "
            "initialized field",
        )
    for name, member in (("functionResponse", "response"), ("functionCall", "args")):
        value = part.get(name)
        if value is None:
            continue
        if not isinstance(value.get(member, {}), dict):
            raise Refused(
                400,
                f"Invalid value at 'contents[{at}].parts[0].{name}.{member}' "
                f'(type.googleapis.com/google.protobuf.Struct), "{value[member]}"',
            )
        if not value.get("name"):
            raise Refused(400, f"* GenerateContentRequest.contents[{at}].parts[0].{name}.name: Name cannot be empty.\n")
    if "inlineData" in part and not _decoded(part["inlineData"].get("data")):
        raise Refused(
            400, f"Invalid value at 'contents[{at}].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed"
        )


def _decoded(data: Any) -> bytes | None:
    """Bytes from base64 in either alphabet."""
    try:
        return base64.b64decode(str(data).replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        return None


def _check_signatures(turns: list[Json], *, old: bool) -> None:
    """Each step of the current turn, which begins with the last words of the user, proves its first call."""
    begin = max(
        (at for at, turn in enumerate(turns) if turn["role"] == "user" and any("text" in one for one in turn["parts"])),
        default=0,
    )
    for at, turn in enumerate(turns):
        first = True
        for nth, part in enumerate(turn["parts"]):
            told = part.get("thoughtSignature")
            if told is not None and told != SKIP and not (_decoded(told) or b"").startswith(_SEAL):
                raise Refused(400, "Corrupted thought signature.")
            if "functionCall" in part and first:
                first = False
                if told is None and at >= begin and not old:
                    raise Refused(
                        400,
                        "Function call is missing a thought_signature in functionCall parts. This is required for tools "
                        "to work correctly, and missing thought_signature may lead to degraded model performance. "
                        f"Additional data, function call `default_api:{part['functionCall']['name']}` , position "
                        f"{nth + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more "
                        "details.",
                    )
