"""Which path is which wire of which provider, and whose key it wants. Pure: a path in, a `Route` out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tests.fake.anthropic import Anthropic
from tests.fake.completions import Completions
from tests.fake.gemini import Gemini
from tests.fake.ollama import Ollama
from tests.fake.openai_chat import Chat, Dialect
from tests.fake.openai_responses import Responses
from tests.fake.wire import Wire

Kind = Literal["talk", "count", "models", "other", "ollama", "kept", "unknown"]
Pot = Literal["coding", "payg"]
_ZAI = re.compile(r"^/api/(coding/)?paas/v4/(.+)$")
_AZURE = re.compile(r"^/openai/deployments/([^/]+)/(.+)$")
_GEMINI = re.compile(r"^(?:/.+)?/models/([^/]+):([A-Za-z]+)$")
_GEMINI_LIST = re.compile(r"^/v1(?:beta|alpha)/(models(?:/[^/]+)?)$")
_COMPATIBLE = re.compile(
    r"^/(?:.+?/)??((?:chat/)?completions|embeddings|responses(?:/[^/]+){0,2}|models(?:/.+)?|moderations|rerank)$"
)
_NATIVE = frozenset(["tags", "show", "ps", "version", "embed", "embeddings", "chat", "generate", "pull", "delete"])
_VERBS: dict[str, Kind] = {
    "generateContent": "talk",
    "streamGenerateContent": "talk",
    "countTokens": "count",
    "embedContent": "other",
    "batchEmbedContents": "other",
}


@dataclass(slots=True)
class Route:
    """`rest` is what follows the mount, `pot` the Z.AI purse that the URL charges, `model` the one in the path
    (Azure, Gemini)."""

    kind: Kind
    wire: Wire
    name: str
    rest: str = ""
    keyed: bool = True
    pot: Pot | None = None
    model: str | None = None


def find(path: str, *, ollama: bool) -> Route:
    """The route of a path. `/ollama/…` is Ollama on any server; a server that poses as Ollama needs no prefix."""
    if path.startswith("/ollama/"):
        path, ollama = path.removeprefix("/ollama"), True
    if (found := _GEMINI.match(path)) and found[2] in _VERBS:
        return Route(_VERBS[found[2]], Gemini(found[2]), "gemini", found[2], model=found[1])
    if found := _GEMINI_LIST.match(path):
        return Route("models", Gemini(), "gemini", found[1])
    if path.startswith("/api/anthropic/v1/"):
        return _anthropic(path.removeprefix("/api/anthropic/v1/"), Anthropic(zai=True), "zai-anthropic", pot="coding")
    if found := _ZAI.match(path):
        pot: Pot = "coding" if found[1] else "payg"
        return _openai(found[2], "zai", pot=pot)
    if found := _AZURE.match(path):
        return _openai(found[2], "azure", model=found[1])
    if path.startswith("/api/") and path.removeprefix("/api/") in _NATIVE:
        rest = path.removeprefix("/api/")
        if rest in ("chat", "generate"):
            return Route("talk", Ollama(generate=rest == "generate"), "ollama", rest, keyed=False)
        return Route("ollama", Ollama(), "ollama", rest, keyed=False)
    if path.startswith("/v1/messages"):
        return _anthropic(path.removeprefix("/v1/"), Anthropic(lenient=ollama), "anthropic", keyed=not ollama)
    if path.startswith("/v1/"):
        return _openai(path.removeprefix("/v1/"), "ollama" if ollama else "openai")
    if path.startswith("/anthropic/v1/"):
        return _anthropic(path.removeprefix("/anthropic/v1/"), Anthropic(lenient=True), "anthropic")
    if found := _COMPATIBLE.match(path):
        return _openai(found[1], "openai")
    return Route("unknown", Chat(), "unknown", path)


def _anthropic(rest: str, wire: Anthropic, name: str, *, pot: Pot | None = None, keyed: bool = True) -> Route:
    kind: Kind = "unknown"
    if rest == "messages":
        kind = "talk"
    elif rest == "messages/count_tokens":
        kind = "count"
    elif rest == "models":
        kind = "models"
    return Route(kind, wire, name, rest, keyed=keyed, pot=pot)


def _openai(rest: str, dialect: Dialect, *, pot: Pot | None = None, model: str | None = None) -> Route:
    talk: dict[str, Wire] = {
        "chat/completions": Chat(dialect),
        "completions": Completions(dialect),
        "responses": Responses(),
    }
    keyed = dialect != "ollama"
    if rest in talk and not (rest == "responses" and dialect in ("zai", "azure")):
        name = "responses" if rest == "responses" else f"{dialect}-{rest.partition('/')[0]}"
        return Route("talk", talk[rest], name, rest, keyed=keyed, pot=pot, model=model)
    if rest == "responses/input_tokens" and dialect == "openai":
        return Route("count", Responses(), "responses", rest, keyed=keyed)
    if rest.startswith("responses/") and dialect == "openai":
        return Route("kept", Responses(), "responses", rest.removeprefix("responses/"), keyed=keyed)
    if rest == "models" or rest.startswith("models/"):
        return Route("models", Chat(dialect), dialect, rest, keyed=keyed, pot=pot)
    return Route("other", Chat(dialect), dialect, rest, keyed=keyed, pot=pot, model=model)
