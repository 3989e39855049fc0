"""What the fake remembers: every request it saw, and the bill a provider would send. No I/O."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Seen:
    """One request as it arrived; times are seconds of the monotonic clock, `status` is what was answered.

    `talk` says that a model was asked to work: not lists, counts, probes or pulls.
    """

    serial: int
    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    arrived: float
    wire: str = ""
    model: str = ""
    key: str = ""
    prompt: str = ""
    talk: bool = False
    status: int = 0
    deltas: int = 0
    sent: int = 0
    ended: float | None = None
    gone: bool = False

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case; None when absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        """The body, decoded; ValueError when it is not JSON."""
        return json.loads(self.body)

    def as_json(self) -> dict[str, Any]:
        """For the control route: the body in base64, and decoded where it is JSON."""
        made = asdict(self)
        made["body"] = base64.b64encode(self.body).decode()
        try:
            made["json"] = self.json
        except ValueError:
            made["json"] = None
        return made


@dataclass(slots=True)
class Charge:
    """What one id cost: tokens as the wire's provider counts them, input with cached and written ones included."""

    requests: int = 0
    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    models: list[str] = field(default_factory=list)


class Bill:
    """Charges by id. The id is the prompt's `ID=` word, else the answer's serial number."""

    def __init__(self) -> None:
        self.by_id: dict[str, Charge] = {}

    def charge(self, id_: str, model: str) -> Charge:
        found = self.by_id.setdefault(id_, Charge())
        found.requests += 1
        found.models.append(model)
        return found

    def total(self) -> Charge:
        """The sum over all ids."""
        every = self.by_id.values()
        return Charge(
            requests=sum(one.requests for one in every),
            input=sum(one.input for one in every),
            cached=sum(one.cached for one in every),
            written=sum(one.written for one in every),
            output=sum(one.output for one in every),
            models=[model for one in every for model in one.models],
        )
