"""Text as the demo model hears and speaks it: cleaned, counted, cut and split. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from trunkline.upstream.demo.fields import Body, wrong

_ASIDES = re.compile(
    r"<(system-reminder|environment_context|user_instructions|permissions instructions|skills_instructions)\b[^<>]*>"
    r".*?(?:</\1>|\Z)",
    re.DOTALL,
)
"""What agents put into a person's message on their own account (Claude Code, Codex; seen in requests of 2026-11)."""

_IMAGES = frozenset({"image", "image_url", "input_image"})
_FILES = frozenset({"document", "file", "input_file", "input_audio", "search_result"})
_PICTURE_TOKENS = 1500
_BLOB = 1024
_WORD = re.compile(r"\S+\s*|\s+")
_LONGEST_PIECE = 24


@dataclass(slots=True, frozen=True)
class Content:
    """A message's content: its words without the asides, and how many images and files came along."""

    text: str = ""
    images: int = 0
    files: int = 0


def clean(text: str) -> str:
    """The text without agents' asides."""
    return _ASIDES.sub("", text).strip()


def content_of(value: Any, at: str) -> Content:
    """Reads content of any wire: nothing, a string, or a list of parts that have a `type`."""
    if value is None:
        return Content()
    if isinstance(value, str):
        return Content(clean(value))
    if not isinstance(value, list):
        raise wrong(at, "a string or a list of parts")
    texts: list[str] = []
    images = files = 0
    for nth, part in enumerate(value):
        if not isinstance(part, dict):
            raise wrong(f"{at}[{nth}]", "an object")
        kind = part.get("type")
        text = part.get("text")
        if kind in ("text", "input_text", "output_text"):
            if not isinstance(text, str):
                raise wrong(f"{at}[{nth}].text", "a string")
            texts.append(clean(text))
        elif isinstance(kind, str):
            images += kind in _IMAGES
            files += kind in _FILES
        else:
            raise wrong(f"{at}[{nth}].type", "a string")
    return Content("\n".join(text for text in texts if text), images, files)


def tokens(text: str) -> int:
    """About four bytes a token; 0 for nothing."""
    return -(-len(text.encode()) // 4)


def weigh(body: Body, names: tuple[str, ...]) -> int:
    """The tokens of those members of a request, never 0. Long text without a space is taken for a picture."""
    size = 0
    open_: list[Any] = [body.get(name) for name in names]
    pictures = 0
    while open_:
        one = open_.pop()
        if isinstance(one, str):
            if len(one) > _BLOB and " " not in one[:_BLOB] and "\n" not in one[:_BLOB]:
                pictures += 1
            else:
                size += len(one.encode()) + 2
        elif isinstance(one, dict):
            size += sum(len(key) + 4 for key in one)
            open_.extend(one.values())
        elif isinstance(one, list):
            open_.extend(one)
        elif one is not None:
            size += 4
    return max(1, -(-size // 4) + pictures * _PICTURE_TOKENS)


def cut(text: str, limit: int) -> str:
    """The longest beginning of a text that is no more than `limit` tokens."""
    return text.encode()[: limit * 4].decode("utf-8", "ignore")


def quote(text: str, longest: int) -> str:
    """A text on one line and in quotation marks, shortened where it is longer."""
    line = " ".join(text[: longest * 4].split())
    short = line if len(line) <= longest and len(text) <= longest * 4 else line[:longest].rstrip() + "…"
    return f"“{short}”"


def words(text: str) -> list[str]:
    """The text in pieces of a word each; joined they are the text again."""
    found: list[str] = []
    for word in _WORD.findall(text):
        found.extend(word[at : at + _LONGEST_PIECE] for at in range(0, len(word), _LONGEST_PIECE))
    return found


def fragments(text: str) -> list[str]:
    """Arguments in at most forty pieces, so that a long patch does not take long to stream."""
    size = max(16, -(-len(text) // 40))
    return [text[at : at + size] for at in range(0, len(text), size)]
