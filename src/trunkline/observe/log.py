"""One line a request, to standard error, written in groups: a write per request would cost more than the line.

A line is `time level event key=value …`; values with spaces are quoted. Secrets are never among them: what is logged
is named here, field by field.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import time
from functools import lru_cache
from typing import IO, Protocol

from trunkline.errors import Failure
from trunkline.model.usage import dollars
from trunkline.upstream.books import Record

_PLAIN = re.compile(r"[\w.:/@*+,\-\[\]>]+\Z")
_FLUSH_AFTER = 0.1
"""Seconds a line may wait for company."""


_KEY_IN_PATH = re.compile(r"/sk-[^/]*")
"""LiteLLM's `/key/{key}/regenerate`: keys are in no log."""


class _Pumped(Protocol):
    id: str


class _Asked(Protocol):
    method: str
    path: str


@lru_cache(maxsize=1024)
def quoted(text: str) -> str:
    """A value as it stands in a line."""
    return text if _PLAIN.match(text) else json.dumps(text, ensure_ascii=False)


@lru_cache(maxsize=4)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))


class RequestLog:
    """Collects lines and writes them to a stream. Without a `loop` each is written at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, stream: IO[str] | None = None) -> None:
        self._loop = loop
        self._stream = stream or sys.stderr
        self._lines: list[str] = []
        self._handle: asyncio.TimerHandle | None = None

    def attempt(self, record: Record) -> None:
        """An attempt has ended."""
        call, usage, candidate = record.call, record.usage, record.candidate
        elapsed = (self._loop.time() - call.began) if self._loop is not None else 0.0
        # One formatted string: this is the one line that every request pays for.
        words = (
            f"id={call.id} asked={quoted(call.asked)} to={quoted(candidate.called)} "
            f"deployment={quoted(candidate.deployment.id)} status={record.status} outcome={quoted(record.outcome)}"
            f"{f' before={quoted(call.route)}' if call.steps else ''}"
            f"{f' why={quoted(record.why)}' if record.why and call.steps else ''}"
            f"{f' key={quoted(call.caller.key)}' if call.caller.key else ''}"
            f"{f' session={quoted(call.session)}' if call.session else ''}"
            f" in={usage.input or 0} cached={usage.cache_read} out={usage.output or 0}"
            f" first_ms={record.first_token * 1000:.0f} ms={elapsed * 1000:.0f}"
            f" cost={dollars(record.billed) if record.priced else 'unknown'}"
            f"{' estimated=yes' if record.estimated else ''}"
            f"{f' fit={quoted(call.fit)}' if call.fit else ''}"
            f"{f' overrun={dollars(record.overrun)}' if record.overrun else ''}"
            f"{' repaired=' + quoted(','.join(dict.fromkeys(record.repairs))) if record.repairs else ''}"
        )
        self._add("info" if record.outcome in ("ok", "client_gone") else "warning", "request", words)

    def failed(self, pump: _Pumped, request: _Asked, failure: Failure) -> None:
        """A request was answered with an error: what happened, and how it is mended."""
        level = "info" if failure.blame == "caller" else "warning"
        self.line(
            level,
            "failed",
            [
                ("id", pump.id),
                ("method", request.method),
                ("path", _KEY_IN_PATH.sub("/…", request.path)[:200]),
                ("status", failure.status),
                ("code", failure.code),
                ("why", failure.sentence),
            ],
        )

    def line(self, level: str, event: str, fields: list[tuple[str, object]]) -> None:
        """Adds a line."""
        self._add(level, event, " ".join(f"{name}={quoted(str(value))}" for name, value in fields))

    def _add(self, level: str, event: str, words: str) -> None:
        now = time.time()
        self._lines.append(f"{_second(int(now))}.{int(now % 1 * 1000):03d}Z {level} {event} {words}\n")
        if self._loop is None or level != "info":
            # What went wrong is told at once: somebody may be looking for it, or the process may end of it.
            self.flush()
        elif self._handle is None:
            self._handle = self._loop.call_later(_FLUSH_AFTER, self.flush)

    def flush(self) -> None:
        """Writes what has been collected. A stream that is gone takes no lines, and no request fails for it."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        lines, self._lines = self._lines, []
        if not lines:
            return
        try:
            self._stream.write("".join(lines))
            self._stream.flush()
        except (OSError, ValueError):
            logging.getLogger("trunkline").debug("the log's stream is closed")
