"""What a whole answer tells, in every wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.model.usage import Usage


@dataclass(slots=True)
class Whole:
    """Read from the body of an answer that was not streamed. `stop` is the wire's own word."""

    model: str = ""
    stop: str = ""
    usage: Usage = field(default_factory=Usage)
    stored: str = ""
    """The id by which the provider's copy of the answer can be asked for again; empty where it keeps none."""
