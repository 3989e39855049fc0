"""Names of tools and ids of calls as Anthropic takes them, made the same way each time: replayed history stays equal.

Tool names `^[a-zA-Z0-9_-]{1,128}$`, ids `^[a-zA-Z0-9_-]+$`, each id once in a conversation (2026-11).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter

from trunkline.model.conversation import Conversation, ToolResult

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


def _digest(*words: object) -> str:
    return hashlib.sha256("\0".join(map(str, words)).encode(errors="surrogatepass")).hexdigest()


class Names:
    """Tool names as they are sent. `changed`: sent name → the client's."""

    def __init__(self, conversation: Conversation, longest: int) -> None:
        self._longest = longest
        self._shared = {name for name, times in Counter(t.name for t in conversation.tools).items() if times > 1}
        self.changed: dict[str, str] = {}

    def sent(self, name: str, namespace: str = "") -> str:
        """The name that is sent; an unfit one carries a few letters that no other name has."""
        whole = f"{namespace}__{name}" if namespace and name in self._shared else name
        fit = _UNFIT.sub("_", whole)
        if fit != whole or not 0 < len(fit) <= self._longest:
            fit = f"{fit[: self._longest - 9]}_{_digest(whole)[:8]}"
        if fit != name:
            self.changed[fit] = name
        return fit


class Ties:
    """Which call has which id, and which result belongs to which of the calls made last."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._last: list[tuple[str, str, str]] = []

    def begin(self) -> None:
        """The assistant's turn begins: what was called before is settled."""
        self._last = []

    def call(self, told: str, name: str) -> str:
        """The id of the next call."""
        fit = told if _ID.match(told) else ""
        if not fit or fit in self._given:
            fit = "call_" + _digest(told, name, len(self._given))[:24]
        self._given.add(fit)
        self._last.append((told, name, fit))
        return fit

    def result(self, result: ToolResult) -> str:
        """The id of the call that it answers, each one once; empty: there is no such call."""
        for nth, (told, name, fit) in enumerate(self._last):
            if told == result.id if result.id else name == result.name or not result.name:
                del self._last[nth]
                return fit
        return ""

    def unanswered(self) -> list[str]:
        """The ids of calls that have no result yet; they count as answered then."""
        left = [fit for _, _, fit in self._last]
        self._last = []
        return left
