"""Runaway agents: those who do the same again and again and are told the same, and sessions that spend too fast. Pure.

An agent is going round in circles when its last steps repeat: one step, or a round of two or three, each with the same
calls, the same arguments and the same results as the time before. Whatever changes anything (another command, another
output, a person's word) breaks the circle. So an agent that edits and tests is never taken for one that is stuck.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trunkline.config.schema import LoopGuard
from trunkline.model.usage import dollars
from trunkline.wire.steps import Step

_ROUND = 3
"""Steps that a round may have."""
MOST = 50
"""Repetitions after which nobody counts on."""
_ARGUMENTS = 200
"""Characters of a call's arguments that are told."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The round that repeats, oldest step first, and how often it came."""

    round: tuple[Step, ...]
    times: int

    @property
    def names(self) -> str:
        """The tools of the round."""
        return ",".join(dict.fromkeys(name for step in self.round for name, _ in step.calls))


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a session: a repetition, too much spent within an hour (nano-dollars), or both."""

    repeat: Repeat | None = None
    spent: int = 0

    @property
    def header(self) -> str:
        """For `x-trunkline-loop`: `same_call*5`, `spend*12.5`."""
        told = [f"same_call*{self.repeat.times}"] if self.repeat is not None else []
        return ", ".join([*told, f"spend*{dollars(self.spent)}"] if self.spent else told)


def repeated(history: Iterable[Step], least: int) -> Repeat | None:
    """The shortest round that the newest steps repeat `least` times or more. `history` is the newest first."""
    seen: list[Step] = []
    reach = dict.fromkeys(range(1, _ROUND + 1), 0)
    going = list(reach)
    for at, step in enumerate(history):
        seen.append(step)
        going = [size for size in going if at < size or step == seen[at - size]]
        for size in going:
            reach[size] = at + 1
        if not going or at >= MOST * going[0]:
            break
    for size, steps in reach.items():
        if steps // size >= least:
            return Repeat(tuple(reversed(seen[:size])), steps // size)
    return None


def advice(finding: Finding, guard: LoopGuard) -> str:
    """What the agent, and whoever reads along, is told instead of a model's answer."""
    told = []
    if finding.repeat is not None:
        told.append(f"{_what(finding.repeat)} Doing it once more will not change that.")
    if finding.spent:
        told.append(
            f"This session has spent ${dollars(finding.spent)} within an hour, and its limit is "
            f"${dollars(guard.usd_per_hour)} (`max_usd_per_hour`)."
        )
    return (
        "[Trunkline stopped this session. No model was asked, and this answer cost nothing.]\n\n"
        + "\n".join(told)
        + "\n\nWhat to do: "
        + (_OTHERWISE if finding.repeat is not None else _WAIT)
    )


_OTHERWISE = (
    "stop calling that, say what you tried and what came of it, and ask the person how to go on, or take another way. "
    "A new message of a person begins anew."
)
_WAIT = "say where the work stands and let a person decide whether it goes on; within the hour it can."


def _what(repeat: Repeat) -> str:
    calls = " then ".join(" and ".join(_call(name, said) for name, said in step.calls) for step in repeat.round)
    return f"The same call was made {repeat.times} times in a row, with the same result each time: {calls}."


def _call(name: str, arguments: str) -> str:
    told = arguments if len(arguments) <= _ARGUMENTS else f"{arguments[:_ARGUMENTS]}…"
    return f"`{name}` with {told}" if told else f"`{name}`"
