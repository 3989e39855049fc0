"""What a request loses and what is mended on its way to this wire, by the client's own words for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire
from trunkline.wire.loss import called, refuse_or_lose


@dataclass(slots=True)
class Notes:
    """Kept while one request is written. Nothing stands in it twice."""

    wire: Wire
    dialect: Dialect
    lost: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    def lose(self, *what: str) -> None:
        """Members that could not be carried, by the conversation's words for them."""
        for each in what:
            self.name(called(self.wire, each))

    def name(self, name: str) -> None:
        """Something that is no member could not be carried: its name as it is reported."""
        if name not in self.lost:
            self.lost.append(name)

    def lose_or_refuse(self, what: str, why: str) -> None:
        """Could not be carried, and the answer is another without it: refused unless `drop_params` is set."""
        for name in refuse_or_lose(self.dialect, [called(self.wire, what)], why):
            self.name(name)

    def mend(self, what: str) -> None:
        """Had to be changed to be accepted."""
        if what not in self.repairs:
            self.repairs.append(what)
