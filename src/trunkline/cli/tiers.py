"""Which of a gateway's models stands for Claude Code's opus, sonnet and haiku. Pure: names in, names out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CURRENT = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-2")
"""What a gateway that takes any `claude-*` is asked for: names that today's Claude Code knows itself."""
NO_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|image|moderation|rerank|audio|realtime|transcri|sora|veo|imagen|search-preview|ocr"
    r"|cogview|cogvideo|vidu|computer-use|babbage|davinci|instruct|guard",
    re.IGNORECASE,
)
DEMO = "demo/echo"


@dataclass(frozen=True, slots=True)
class Tiers:
    """Model names that the gateway answers to."""

    opus: str
    sonnet: str
    haiku: str
    fable: str = ""
    """Claude Code's fourth tier; empty: opus stands for it."""

    @classmethod
    def all(cls, model: str) -> Tiers:
        """One model for everything."""
        return cls(model, model, model)


def choose(offered: Iterable[str]) -> Tiers:
    """The best of the offered names: Claude's own, else GLM, else GPT, else the first that chats, else the demo."""
    names = [name for name in offered if name and not NO_CHAT.search(name)]
    if claude := [name for name in names if _bare(name).startswith("claude")]:
        if exact := [name for name in claude if "*" not in name]:
            return _claude(exact)
        if "claude-*" in claude:
            return Tiers(*CURRENT)
    real = [name for name in names if "*" not in name and not name.startswith("demo/")]
    for family, small in (("glm", ("flash", "air")), ("gpt", ("mini", "nano"))):
        if members := [name for name in real if re.match(rf"{family}-\d", _bare(name))]:
            return _family(members, family, small)
    if real:
        return Tiers.all(real[0])
    return Tiers(*CURRENT) if "*" in names else Tiers.all(DEMO)


def for_codex(offered: Iterable[str]) -> str:
    """The model Codex begins with: the newest GPT that is for code, else the newest GPT, else as for Claude Code."""
    names = [name for name in offered if name and not NO_CHAT.search(name) and "*" not in name]
    gpt = [name for name in names if re.match(r"gpt-\d", _bare(name))]
    if gpt:
        coding = [name for name in gpt if "codex" in name and "mini" not in name]
        return _newest(coding) if coding else _family(gpt, "gpt", ("mini", "nano")).opus
    return choose(names).opus


def _claude(names: Sequence[str]) -> Tiers:
    best = {
        tier: _newest(of) for tier in ("opus", "sonnet", "haiku", "fable") if (of := [n for n in names if tier in n])
    }
    if not best:
        return Tiers.all(_newest(names))
    order = {
        "opus": ("opus", "fable", "sonnet", "haiku"),
        "sonnet": ("sonnet", "opus", "haiku", "fable"),
        "haiku": ("haiku", "sonnet", "opus", "fable"),
    }
    picked = {tier: next(best[other] for other in order[tier] if other in best) for tier in order}
    return Tiers(picked["opus"], picked["sonnet"], picked["haiku"], best.get("fable", ""))


def _family(names: Sequence[str], family: str, small: tuple[str, ...]) -> Tiers:
    """The plain newest for the large tiers, the newest small one for the last."""
    plain = [name for name in names if re.fullmatch(rf"{family}-\d+(\.\d+)?", _bare(name))]
    little = [name for name in names if _bare(name).endswith(tuple(f"-{end}" for end in small))]
    large = _newest(plain or [name for name in names if name not in little] or names)
    return Tiers(large, large, _newest(little) if little else large)


def _newest(names: Sequence[str]) -> str:
    """The highest version; among equals the shortest name, which is the one without a date."""
    return max(names, key=lambda name: (_version(name), -len(name), "." not in name, name))


def _version(name: str) -> tuple[int, ...]:
    """`claude-opus-4-5-20251101` and `claude-4.5-opus` → (4, 5). Dates and sizes are no versions."""
    numbers = re.findall(r"(?<![A-Za-z0-9])\d{1,2}(?:\.\d{1,2})?(?![A-Za-z0-9])", _bare(name))
    return tuple(int(part) for number in numbers[:2] for part in number.split("."))


def _bare(name: str) -> str:
    return name.rsplit("/", 1)[-1].lower()
