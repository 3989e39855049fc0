"""A Gemini client's request (`:generateContent`, `:streamGenerateContent`), as a conversation.

Facts: ai.google.dev/api/generate-content and `google-genai` 3.4.0 (2026-11). Both spellings of members are read.
"""

from __future__ import annotations

from typing import Any

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Conversation, Sampling, Shape, Text, Thought
from trunkline.wire.gemini import thinking
from trunkline.wire.gemini.read_tools import read_choice, read_tools
from trunkline.wire.gemini.read_turns import read_turns
from trunkline.wire.gemini.schema import as_json_schema
from trunkline.wire.gemini.spelling import Json, a_count, a_number, a_text, an_object, camelled, objects

_JSON = "application/json"


def read(body: dict[str, Any], *, model: str, streamed: bool) -> Conversation:
    """The conversation. What only Google knows is in `own`, members of an object as `generationConfig.speechConfig`.

    Raises `InvalidRequest`.
    """
    body = camelled(body)
    if not body.get("contents"):
        raise InvalidRequest("contents is missing or empty.", param="contents", remedy="Send what the user said.")
    conversation = Conversation("gemini", model, read_turns(body.pop("contents")), streamed=streamed)
    conversation.thought = Thought(shown=False)
    if "systemInstruction" in body:
        conversation.system = _system(body.pop("systemInstruction"))
    if "tools" in body:
        conversation.tools = read_tools(body.pop("tools"))
    if "toolConfig" in body:
        conversation.choice, more = read_choice(body.pop("toolConfig"))
        conversation.own |= {f"toolConfig.{name}": value for name, value in more.items()}
    if "generationConfig" in body:
        _generation(conversation, an_object(body.pop("generationConfig"), "generationConfig"))
    body.pop("model", None)
    conversation.own |= body
    return conversation


def _system(value: Any) -> list[Text]:
    parts = objects(an_object(value, "systemInstruction").get("parts", []), "systemInstruction.parts")
    for at, part in enumerate(parts):
        if "text" not in part:
            param = f"systemInstruction.parts[{at}]"
            raise InvalidRequest(f"{param} must be text.", param=param, remedy="Put it into the contents.")
    texts = [a_text(part["text"], f"systemInstruction.parts[{at}].text") for at, part in enumerate(parts)]
    return [Text(text) for text in texts if text]


def _generation(conversation: Conversation, config: Json) -> None:
    def take(name: str) -> Any:
        return config.pop(name, None)

    def number(name: str) -> float | None:
        value = take(name)
        return None if value is None else a_number(value, f"generationConfig.{name}")

    def count(name: str) -> int | None:
        value = take(name)
        return None if value is None else a_count(value, f"generationConfig.{name}")

    conversation.sampling = Sampling(
        temperature=number("temperature"),
        top_p=number("topP"),
        top_k=count("topK"),
        seed=count("seed"),
        presence=number("presencePenalty"),
        frequency=number("frequencyPenalty"),
    )
    conversation.limit = count("maxOutputTokens")
    conversation.count = count("candidateCount") or 1
    conversation.stop = _stops(take("stopSequences"))
    alternatives = count("logprobs")
    if take("responseLogprobs") is True:
        conversation.logprobs = alternatives or 0
    if (given := take("thinkingConfig")) is not None:
        conversation.thought = thinking.read(given)
    if config.get("responseModalities") in (["TEXT"], []):
        del config["responseModalities"]
    conversation.shape = _shape(config)
    conversation.own |= {f"generationConfig.{name}": value for name, value in config.items()}


def _stops(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidRequest("generationConfig.stopSequences must be a list.", param="generationConfig.stopSequences")
    return [a_text(one, "generationConfig.stopSequences") for one in value]


def _shape(config: Json) -> Shape | None:
    """The form of the answer; a type that is no JSON (an enum as text) stays in the configuration."""
    kind = config.get("responseMimeType")
    if kind == "text/plain":
        del config["responseMimeType"]
    if kind != _JSON:
        return None
    del config["responseMimeType"]
    own, googles = config.pop("responseJsonSchema", None), config.pop("responseSchema", None)
    schema = own if isinstance(own, dict) else as_json_schema(googles)
    return Shape("schema", schema=schema) if isinstance(schema, dict) and schema else Shape("json")
