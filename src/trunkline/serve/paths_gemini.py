"""Gemini's paths: the model stands in them, and what is asked of it behind a colon."""

from __future__ import annotations

import re

from trunkline.model.wires import Operation

_CALL = re.compile(r"(?:/gemini)?/v1(?:beta|alpha)?/models/(?P<model>.+):(?P<verb>[A-Za-z]+)\Z")

VERBS: dict[str, Operation] = {
    "generateContent": "generate",
    "streamGenerateContent": "generate",
    "countTokens": "gemini_count",
    "embedContent": "gemini_embed",
    "batchEmbedContents": "gemini_embed",
}
"""What is asked → operation."""


def split(path: str) -> tuple[str, str] | None:
    """(model, verb) of a path; None for one that is no call of Gemini's."""
    found = _CALL.match(path)
    return (found["model"], found["verb"]) if found is not None else None
