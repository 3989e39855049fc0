"""`trunkline costs`: what this traffic cost, and what it would have cost elsewhere."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import click

from trunkline.config.home import home_of

if TYPE_CHECKING:
    from trunkline.ledger.traffic import Traffic

_VENDORS = ("zai", "anthropic", "openai", "gemini")
_NOTES = (
    "Other models would have answered in other words: the tokens are those that passed, as the provider counted them. "
    "Tokenizers differ by a third and more, and so does how much a model thinks.",
    "Cached tokens are taken at the other model's price for cached ones; another provider's cache may hit less.",
    "Prices of subscriptions marked `reported` were not read on their vendor's own page: look there before you decide.",
)


@click.command("costs")
@click.option("--from", "since", metavar="DATE", help="2026-11-01, 2026-11 or 2026-11-01T10:30, in UTC.")
@click.option("--to", "until", metavar="DATE", help="A day or a month belongs to the period as a whole.")
@click.option("--last", metavar="LENGTH", help="The last 12h, 7d, 4w or 1mo; 30d where no period is given.")
@click.option("--model", "models", multiple=True, metavar="PROVIDER/MODEL", help="Compare with this one; repeat it.")
@click.option("--json", "as_data", is_flag=True, help="Print it as JSON, money in dollars, to the last digit.")
def verb(since: str | None, until: str | None, last: str | None, models: tuple[str, ...], as_data: bool) -> int:
    """Show what this traffic cost, and would have cost on other models and on subscriptions.

    By the list prices of the catalog, which carry their sources and dates (`trunkline models`).
    """
    from trunkline.ledger.period import period
    from trunkline.ledger.traffic import traffic

    others = [_other(name) for name in models] or _usual()
    thresholds = sorted({tier.above for _, _, price in others for tier in price.tiers[1:]})
    meant = period(since, until, last or ("30d" if not (since or until) else None), time.time())
    found = traffic(home_of(os.environ), meant, thresholds)
    whole = {
        "from": meant.since or None,
        "to": meant.until or None,
        "days": found.days,
        "here": _here(found),
        "models": _elsewhere(found, others),
        "plans": _plans(found),
        "notes": [*found.notes, *_NOTES],
    }
    if as_data:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())
    elif not found.used:
        click.echo("Nothing was called then: there is nothing to compare.")
    else:
        _show(whole)
    return 0


def _other(name: str) -> tuple[str, str, Any]:
    from trunkline.catalog.models import look_up

    provider, slash, model = name.partition("/")
    known = look_up(provider, model) if slash else None
    if known is None or known.price is None:
        why = "has no price in the catalog" if known else "is not in the catalog"
        raise click.UsageError(f"{name!r} {why}; write PROVIDER/MODEL as `trunkline models` lists them.")
    return known.provider, known.name, known.price


def _usual() -> list[tuple[str, str, Any]]:
    """Each large vendor's model for hard work, and its quick one."""
    from trunkline.catalog.models import flagship, look_up, small

    found = {(vendor, name): look_up(vendor, name) for vendor in _VENDORS for name in (flagship(vendor), small(vendor))}
    return [(vendor, name, row.price) for (vendor, name), row in found.items() if row is not None and row.price]


def _here(found: Traffic) -> dict[str, Any]:
    from trunkline.ledger.logs import exact

    used = found.used
    return {
        "calls": sum(each.calls for each in used),
        "input": sum(each.input for each in used),
        "cache_read": sum(each.cache_read for each in used),
        "cache_write": sum(each.cache_write for each in used),
        "output": sum(each.output for each in used),
        "billed": exact(sum(each.billed for each in used)),
        "value": exact(sum(each.value for each in used)),
        "estimated_calls": sum(each.estimated for each in used),
        "unpriced_calls": sum(each.unpriced for each in used),
    }


def _elsewhere(found: Traffic, others: list[tuple[str, str, Any]]) -> list[dict[str, Any]]:
    from trunkline.ledger.logs import exact
    from trunkline.ledger.traffic import at_price

    costs = sorted((at_price(found.used, price), provider, name, price.source) for provider, name, price in others)
    return [
        {"model": f"{provider}/{name}", "cost": exact(nano), "source": source} for nano, provider, name, source in costs
    ]


def _plans(found: Traffic) -> list[dict[str, Any]]:
    from trunkline.catalog.plans import PLANS
    from trunkline.ledger.logs import exact
    from trunkline.ledger.metered import metered

    rows = []
    for plan in PLANS:
        row = {"plan": plan.name, "month": exact(plan.month), "source": plan.source, "date": plan.date,
               "reported": plan.reported}  # fmt: skip
        if plan.meters:
            row["fits"] = [
                {
                    "model": model,
                    "five_hours": peak.five_hours,
                    "five_hours_limit": plan.five_hours,
                    "week": peak.week,
                    "week_limit": plan.week,
                    "fits": peak.five_hours <= plan.five_hours and peak.week <= plan.week,
                }
                for model, meter in plan.meters.items()
                for peak in (metered(found.hours, meter),)
            ]
        rows.append({**row, "note": plan.note} if plan.note else row)
    return rows


def _show(whole: dict[str, Any]) -> None:
    from rich.markup import escape

    from trunkline.cli.table import console, table

    here = whole["here"]
    cached = here["cache_read"] + here["cache_write"]
    click.echo(
        f"{here['calls']:,} calls on {whole['days']:,} days: {here['input']:,} tokens of input, {cached:,} cached, "
        f"{here['output']:,} of output.\nBilled ${_plain(here['billed'])}; at list price ${_plain(here['value'])}."
    )
    if here["estimated_calls"] or here["unpriced_calls"]:
        click.echo(
            f"Of these {here['estimated_calls']:,} were estimated upward; {here['unpriced_calls']:,} have no known "
            "price and are counted as 0."
        )
    shown = table("the same tokens on", "$", "price from")
    for each in whole["models"]:
        shown.add_row(escape(each["model"]), _plain(each["cost"]), escape(each["source"]))
    console().print(shown)
    plans = table("subscription", "$ a month", "whether it would have been enough")
    for plan in whole["plans"]:
        plans.add_row(escape(plan["plan"]), _plain(plan["month"]), escape(_enough(plan)))
    console().print(plans)
    for note in whole["notes"]:
        click.echo(note)


def _enough(plan: dict[str, Any]) -> str:
    said = "\n".join(
        f"{fit['model']}: {'yes' if fit['fits'] else 'no'}; at most {fit['five_hours']:,} credits of "
        f"{fit['five_hours_limit']:,} in five hours, {fit['week']:,} of {fit['week_limit']:,} in a week"
        for fit in plan.get("fits", ())
    )
    return "\n".join(filter(None, (said, plan.get("note", ""), _priced(plan))))


def _priced(plan: dict[str, Any]) -> str:
    how = "reported" if plan["reported"] else "read"
    return f"(price {how} {plan['date']}: {plan['source']})"


def _plain(money: Any) -> str:
    return bytes(money).decode()
