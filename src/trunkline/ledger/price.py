"""What an attempt costs: charged, and at list price. Pure."""

from __future__ import annotations

from trunkline.model.usage import Price, Usage


def price_row(usage: Usage, price: Price | None, plan: str) -> tuple[int, int, bool]:
    """(billed, value, priced), nano-dollars.

    Traffic of a flat plan (`plan: coding`) is charged nothing and valued at list price. A model without a known price
    is charged 0 and says so: unknown is not free.
    """
    if price is None:
        return 0, 0, False
    value = price.cost(usage)
    return (0 if plan == "coding" else value), value, True
