"""Python's things in a request, as the JSON that goes out: pydantic models, answers of ours, time-outs, schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from trunkline.exceptions import BadRequestError
from trunkline.sdk.objects import Object


def encoded(body: Mapping[str, Any], model: str) -> bytes:
    """The body as JSON. Raises `BadRequestError` for what JSON has no word for."""
    try:
        return msgspec.json.encode(body, enc_hook=_plain)
    except (TypeError, ValueError, NotImplementedError, RecursionError) as error:
        raise BadRequestError(
            f"The request cannot be written as JSON: {error}. Send plain data, or pydantic models.", model=model
        ) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Object):
        return value.model_dump(exclude_none=True)
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return dump(exclude_none=True, mode="json")
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"it holds a {type(value).__name__}")


def seconds(value: Any) -> float | None:
    """A time-out as seconds: a number, a text, or an `httpx.Timeout`, of which the time to read counts."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise BadRequestError(f"timeout must be a number of seconds, not {value!r}.", param="timeout") from None
    return getattr(value, "read", None)


def response_format(value: Any) -> Any:
    """A form for the answer. A pydantic model is its JSON schema, held to strictly as OpenAI's SDK does."""
    schema = getattr(value, "model_json_schema", None)
    if not isinstance(value, type) or not callable(schema):
        return value
    form = {"name": value.__name__, "schema": strict(schema()), "strict": True}
    return {"type": "json_schema", "json_schema": form}


def strict(schema: Any) -> Any:
    """A schema in which every member is required and no other allowed: what OpenAI's strict mode asks for.

    Source: platform.openai.com/docs/guides/structured-outputs, read 2026-11.
    """
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {
        name: {key: strict(each) for key, each in value.items()} if name in ("properties", "$defs") else strict(value)
        for name, value in schema.items()
        if not (name == "default" and value is None)
    }
    if made.get("type") == "object" and "properties" in made:
        made["required"] = list(made["properties"])
        made["additionalProperties"] = False
    return made
