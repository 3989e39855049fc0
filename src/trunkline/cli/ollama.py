"""Ollama as the verbs speak to it: where it is, and how it pulls a model. Prints nothing.

Source: github.com/ollama/ollama, docs/api.md ("Pull a Model") and server/download.go, read 2026-11: a pull answers with
lines of JSON, ends with the status `success` or with an `error`, and goes on where it stopped when it is asked again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trunkline.cli.ask import NoAnswer, ask, bearer, opened
from trunkline.errors import ProviderFailure, ProviderUnreachable

_SILENCE = 600.0
"""Seconds between two lines: a large layer is checked without a word."""
_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before a pull that broke is asked for again; as many times in a row without progress."""


@dataclass(frozen=True, slots=True)
class Server:
    """One Ollama: its base URL without a trailing slash, and the key of one that wants a key."""

    base: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a pull says: its status; of a layer its digest, and the bytes it has in all and so far."""

    status: str
    layer: str = ""
    total: int = 0
    done: int = 0


def answering(bases: tuple[str, ...], key: str = "") -> Server:
    """The first of these addresses where an Ollama answers. Raises `ProviderUnreachable`, which names them all."""
    said: list[str] = []
    for base in bases:
        try:
            answer = ask(f"{base}/api/version", headers=bearer(key))
        except NoAnswer as silent:
            said.append(f"{base}: {silent}.")
            continue
        if answer.status == 200 and isinstance(answer.json, dict) and "version" in answer.json:
            return Server(base, key)
        said.append(f"{base}: what answers there is no Ollama ({answer.status}).")
    raise ProviderUnreachable(
        f"No Ollama was found. {' '.join(said)}",
        remedy="Start it (`ollama serve`), or say where it is with --api-base or OLLAMA_API_BASE.",
    )


def pull(server: Server, model: str) -> Iterator[Report]:
    """Pulls a model, and says how it goes; it is there when this ends. A pull that breaks goes on where it stopped.

    Raises `ProviderFailure` for what trying again does not mend, and once it broke too often.
    """
    broke = 0
    while True:
        moved, why = False, "it ended without a word"
        try:
            for report in _asked(server, model):
                moved = moved or report.done > 0
                yield report
                if report.status == "success":
                    return
        except NoAnswer as silent:
            why = str(silent)
        broke = 1 if moved else broke + 1
        if broke > len(_WAITS):
            raise ProviderUnreachable(
                f"The pull of {model} broke off again and again: {why}.",
                remedy="What was loaded is kept: run the same command again, it goes on from there.",
            )
        wait = _WAITS[broke - 1]
        yield Report(f"broke off ({why}); going on in {wait:g} s")
        time.sleep(wait)


def _asked(server: Server, model: str) -> Iterator[Report]:
    url, body = f"{server.base}/api/pull", {"model": model, "stream": True}
    with opened(url, headers=bearer(server.key), body=body, timeout=_SILENCE) as answer:
        if answer.status != 200:
            raise _failure(server, model, _word(answer.read(65536)) or f"it answered {answer.status}")
        for line in answer:
            said = _read(line)
            if said is None:
                raise _failure(server, model, "what it says is no line of a pull")
            if "error" in said:
                raise _failure(server, model, str(said["error"]))
            yield Report(
                str(said.get("status", "")),
                str(said.get("digest", "")),
                _count(said.get("total")),
                _count(said.get("completed")),
            )


def _read(line: bytes) -> Mapping[str, object] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _word(body: bytes) -> str:
    said = _read(body)
    return str(said.get("error", "")) if said else ""


_REMEDIES = (
    ("file does not exist", "There is no such model: look for its name at https://ollama.com/library."),
    ("not found", "There is no such model: look for its name at https://ollama.com/library."),
    ("invalid model name", "A name is like `neural-chat` or `mistral:7b`."),
    ("newer version of ollama", "Update Ollama: this model needs a newer one."),
    ("no space left", "Make room where Ollama keeps its models, and run the same command again."),
    (
        "no such host",
        "Ollama itself does not reach registry.ollama.ai: check its network, its DNS and its HTTPS_PROXY.",
    ),
    ("dial tcp", "Ollama itself does not reach registry.ollama.ai: check its network and its HTTPS_PROXY."),
    ("unauthorized", "Sign in to Ollama with `ollama signin`, or set OLLAMA_API_KEY."),
)


def _failure(server: Server, model: str, said: str) -> ProviderFailure:
    lowered = said.lower()
    remedy = next((remedy for words, remedy in _REMEDIES if words in lowered), f"Look at the log of {server.base}.")
    return ProviderFailure(f"Ollama did not pull {model}: {said.strip()[:300]}.", remedy=remedy)
