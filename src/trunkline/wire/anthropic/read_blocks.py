"""Content blocks of a request, as parts.

What the vendor's own servers made (server tools and their results, references, containers) stays opaque, with the words
that can stand for it elsewhere. Source: platform.claude.com/docs/en/api/messages and the SDK's types, 2.11.0 (2026-11).
"""

from __future__ import annotations

from typing import Any

from trunkline.model.conversation import Document, Image, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from trunkline.wire.anthropic.shapes import a_string, an_object, cached, invalid
from trunkline.wire.anthropic.signature import give_calls_theirs, thinking
from trunkline.wire.arguments import as_text

Json = dict[str, Any]


def texts(content: Any, where: str) -> list[Text]:
    """A string or text blocks, as `system` has them; empty ones are left out."""
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)] if content else []
    out: list[Text] = []
    for at, block in enumerate(_list(content, where)):
        here = f"{where}.{at}"
        if block.get("type") != "text":
            raise invalid(here, "must be a text block")
        text = a_string(block.get("text"), f"{here}.text")
        if text:
            out.append(Text(text, cached(block)))
    return out


def blocks(content: Any, where: str) -> list[Part]:
    """A string or blocks of a message."""
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content)] if content else []
    parts: list[Part] = []
    for at, block in enumerate(_list(content, where)):
        here = f"{where}.{at}"
        parts += _result(block, here) if block["type"] == "tool_result" else _said(block, here)
    return give_calls_theirs(parts)


def _list(content: Any, where: str) -> list[Json]:
    if not isinstance(content, list):
        raise invalid(where, "must be a string or a list of blocks")
    for at, block in enumerate(content):
        a_string(an_object(block, f"{where}.{at}").get("type"), f"{where}.{at}.type")
    return content


def _said(block: Json, where: str) -> list[Part]:
    """A block as a part, and before a document what its client tells about it."""
    part = _part(block, where)
    about = block.get("context") if block["type"] == "document" else None
    if isinstance(about, str) and about:
        title = block.get("title")
        return [Text(f"[about {title if isinstance(title, str) and title else 'the next document'}: {about}]"), part]
    return [part]


def _part(block: Json, where: str) -> Part:
    match block["type"]:
        case "text":
            return Text(a_string(block.get("text"), f"{where}.text"), cached(block))
        case "image":
            return _image(block, where)
        case "document":
            return _document(block, where)
        case "tool_use":
            name = a_string(block.get("name"), f"{where}.name")
            return ToolCall(a_string(block.get("id"), f"{where}.id"), name, as_text(block.get("input")))
        case "thinking":
            signature = block.get("signature")
            text = a_string(block.get("thinking"), f"{where}.thinking")
            return thinking(text, signature if isinstance(signature, str) else "")
        case "redacted_thinking":
            return Thinking("", a_string(block.get("data"), f"{where}.data"), "anthropic", redacted=True)
    return Opaque("anthropic", block, summary(block))


def _result(block: Json, where: str) -> list[Part]:
    """The result of a call, and behind it what it holds and no other wire has in a result."""
    content = block.get("content")
    parts: list[Text | Image | Document] = []
    beside: list[Part] = []
    if isinstance(content, str):
        parts = [Text(content)] if content else []
    elif content is not None:
        for at, inner in enumerate(_list(content, f"{where}.content")):
            for part in _said(inner, f"{where}.content.{at}"):
                if isinstance(part, Text | Image | Document):
                    parts.append(part)
                elif isinstance(part, Opaque) and part.summary:
                    parts.append(Text(part.summary, cached(inner)))
                else:
                    beside.append(part)
    told = a_string(block.get("tool_use_id"), f"{where}.tool_use_id")
    return [ToolResult(told, parts, failed=block.get("is_error") is True, cached=cached(block)), *beside]


def _image(block: Json, where: str) -> Image | Opaque:
    source = an_object(block.get("source"), f"{where}.source")
    match source.get("type"):
        case "base64":
            media = a_string(source.get("media_type"), f"{where}.source.media_type")
            return Image(a_string(source.get("data"), f"{where}.source.data"), media, cached=cached(block))
        case "url":
            return Image(url=a_string(source.get("url"), f"{where}.source.url"), cached=cached(block))
    return Opaque("anthropic", block, "[image]")


def _document(block: Json, where: str) -> Document | Opaque:
    source = an_object(block.get("source"), f"{where}.source")
    title = block.get("title") if isinstance(block.get("title"), str) else ""
    mark = cached(block)
    match source.get("type"):
        case "base64":
            media = source.get("media_type") or "application/pdf"
            data = a_string(source.get("data"), f"{where}.source.data")
            return Document(data, a_string(media, f"{where}.source.media_type"), title=title or "", cached=mark)
        case "text":
            data = a_string(source.get("data"), f"{where}.source.data")
            return Document(text=data, media_type="text/plain", title=title or "", cached=mark)
        case "url":
            return Document(url=a_string(source.get("url"), f"{where}.source.url"), title=title or "", cached=mark)
    return Opaque("anthropic", block, _joined(title, _words(source.get("content"))) or "[document]")


def summary(block: Json) -> str:
    """The words that can stand for a block which only this wire understands; empty: none can."""
    content = block.get("content")
    match block["type"]:
        case "search_result":
            return _joined(block.get("title"), block.get("source"), _words(content))
        case "web_search_tool_result" if isinstance(content, list):
            found = [_joined(one.get("title"), one.get("url")) for one in content if isinstance(one, dict)]
            return _joined("Search results:", *found) if any(found) else ""
        case "tool_reference":
            return f"The tool {block.get('tool_name')} can be called now."
        case "mcp_tool_result":
            return _words(content)
    return ""


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return _joined(*(one.get("text") for one in content if isinstance(one, dict) and one.get("type") == "text"))


def _joined(*lines: Any) -> str:
    return "\n".join(line for line in lines if isinstance(line, str) and line)
