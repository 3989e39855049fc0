"""How often something had to be mended, by name, provider and model: numbers of one process, for whoever shows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.upstream.books import Record

Key = tuple[str, str, str]
"""(what was mended, the provider's name, the provider's model)."""

MOST = 4096
"""Keys that are kept. Wildcards let clients invent models, so what comes later is counted under `OTHERS`."""
OTHERS = "others"


@dataclass(slots=True)
class Counts:
    """Only grows, from the start of the process."""

    repairs: dict[Key, int] = field(default_factory=dict)

    def attempt(self, record: Record) -> None:
        """An attempt has ended. One that mended nothing costs nothing."""
        if not record.repairs:
            return
        candidate = record.candidate
        for name in record.repairs:
            key = (name, candidate.deployment.provider.name, candidate.model)
            if key not in self.repairs and len(self.repairs) >= MOST:
                key = (name, candidate.deployment.provider.name, OTHERS)
            self.repairs[key] = self.repairs.get(key, 0) + 1
