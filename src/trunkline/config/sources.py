"""Which file a line stands in, when a configuration is made of several. Pure.

A *position* is the file's number times `SPAN`, plus the line: in the first file, positions are lines. Whatever carries
a line (a mapping, a list, a doubt) carries a position and needs to know nothing of files.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SPAN = 1 << 23
"""More than the lines of the largest file."""


@dataclass(slots=True)
class Sources:
    """The files' names, as they are shown."""

    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> int:
        """Takes one more file; its first position is the number that this returns, plus one."""
        self.names.append(name)
        return (len(self.names) - 1) * SPAN

    def where(self, position: int) -> str:
        """`config.yaml:12`; only the first file's name where there is no line."""
        number, line = divmod(position, SPAN)
        return f"{self.names[number]}:{line}" if line else self.names[number]
