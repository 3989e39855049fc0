"""All counts as a page for Prometheus: Trunkline's own names, then LiteLLM's (`litellm_names`).

The library writes the text and nothing else; it is imported when a page is first asked for.
"""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from trunkline import __version__
from trunkline.observe.counters import (
    ATTEMPT_LABELS,
    CACHE_LABELS,
    DURATION_AT,
    FIRST_AT,
    REPAIR_LABELS,
    REQUEST_AT,
    REQUEST_LABELS,
    Sums,
    Table,
)
from trunkline.observe.facts import STATES, Facts
from trunkline.observe.families import AT, counted, counter, gauge, grouped, histogram, money
from trunkline.observe.litellm_names import litellm

if TYPE_CHECKING:
    from prometheus_client.core import Metric


def page(sums: Sums, facts: Facts, accept: str = "", names: Collection[str] = ()) -> tuple[bytes, str]:
    """The page and its content type, in the text format or, where it is asked for, in OpenMetrics.

    `names`: of the samples that it shall have; none: all.
    """
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.registry import Collector, CollectorRegistry

    class Collected(Collector):
        def collect(self) -> Iterable[Metric]:
            return _chosen(families(sums, facts), names) if names else families(sums, facts)

        def describe(self) -> Iterable[Metric]:
            return ()

    registry = CollectorRegistry()
    registry.register(Collected())
    encoder, kind = choose_encoder(accept)
    return encoder(registry), kind


def families(sums: Sums, facts: Facts) -> Iterator[Metric]:
    """Every metric, cheap ones first."""
    yield from _now(sums, facts)
    yield from _requests(sums.requests)
    yield from _attempts(sums.attempts)
    yield from _cache(sums.cache)
    yield from _events(sums.events)
    yield from litellm(sums, facts)


def _chosen(found: Iterable[Metric], names: Collection[str]) -> Iterator[Metric]:
    """Those samples alone. Looks no further than to the last of them: the rest of the page is not even made."""
    missing = set(names)
    for metric in found:
        metric.samples = [sample for sample in metric.samples if sample.name in names]
        if metric.samples or metric.name in missing:
            yield metric
        missing -= {metric.name, *(sample.name for sample in metric.samples)}
        if not missing:
            return


def _requests(requests: Table) -> Iterator[Metric]:
    labels = ("operation", "model", "status", "key")
    rows = [((name[0], name[1], str(name[2]), name[3]), row[0]) for name, row in requests.items()]
    yield counter("trunkline_requests", "Requests for a model, by what the client was answered.", labels, rows)
    by_operation = grouped(requests, REQUEST_LABELS, ("operation",))
    yield histogram("trunkline_request_seconds", "Whole requests.", ("operation",), by_operation, REQUEST_AT, 1)


def _attempts(attempts: Table) -> Iterator[Metric]:
    labels = ("provider", "model", "deployment", "group", "operation", "outcome", "kind", "status")
    rows = counted(attempts, labels, "count")
    yield counter("trunkline_attempts", "Attempts at providers, by how they ended.", labels, rows)
    few = ("provider", "model", "deployment", "group")
    for name, what in (
        ("retries", "Attempts after another of the same group."),
        ("fallbacks", "Attempts after one of another group."),
        ("resumes", "Attempts that went on with a stream that had broken."),
    ):
        yield counter(f"trunkline_{name}", what, few, counted(attempts, few, name))
    kinds = ("input", "cache_read", "cache_write", "output", "reasoning")
    told = [((*name, kind), value) for kind in kinds for name, value in counted(attempts, few, kind)]
    yield counter("trunkline_tokens", "Tokens; reasoning is a part of output.", (*few, "type"), told)
    for name, what in (("billed", "Cost in dollars."), ("value", "Cost at list price, in dollars.")):
        shown = "cost" if name == "billed" else "list_price"
        yield counter(f"trunkline_{shown}_dollars", what, few, money(counted(attempts, few, name)))
    for name, what in (
        ("unpriced", "Attempts at models without a known price."),
        ("estimated", "Attempts whose usage was not told by the provider."),
    ):
        yield counter(f"trunkline_{name}_attempts", what, few, counted(attempts, few, name))
    over = "Attempts that cost more than their budgets held for them: charged in full."
    yield counter("trunkline_budget_overruns", over, few, counted(attempts, few, "overruns"))
    over = "What they cost above that, in dollars."
    yield counter("trunkline_budget_overrun_dollars", over, few, money(counted(attempts, few, "overrun")))
    timed = grouped(attempts, ATTEMPT_LABELS, ("provider", "model", "operation"))
    yield histogram(
        "trunkline_first_token_seconds",
        "From the request to the first word of the attempt that gave it.",
        ("provider", "model", "operation"),
        timed,
        FIRST_AT,
        AT["first_sum"],
    )
    yield histogram(
        "trunkline_attempt_seconds",
        "Whole attempts.",
        ("provider", "model", "operation"),
        timed,
        DURATION_AT,
        AT["duration_sum"],
    )


def _cache(cache: Table) -> Iterator[Metric]:
    """Nothing where no cache was ever asked."""
    rows = sorted(cache.items())
    if rows:
        about = "Answers looked for in the cache, by what came of it."
        yield counter("trunkline_cache_lookups", about, CACHE_LABELS, [(name, row[0]) for name, row in rows])
        about = "What answers from the cache had cost, in dollars."
        saved = money((name, row[1]) for name, row in rows if row[1])
        yield counter("trunkline_cache_saved_dollars", about, CACHE_LABELS, saved)


def _events(events: Table) -> Iterator[Metric]:
    for event, name, label, about in (
        (
            "soft_budget",
            "trunkline_soft_budgets_reached",
            "budget",
            "Soft budgets that were reached.",
        ),
        ("loop", "trunkline_loops", "action", "Calls of agents that run away, by what was done about them."),
    ):
        rows = [((sort,), row[0]) for (found, sort), row in sorted(events.items()) if found == event]
        yield counter(name, about, (label,), rows)


def _now(sums: Sums, facts: Facts) -> Iterator[Metric]:
    repairs = [(name, row[0]) for name, row in sorted(sums.repairs.items())]
    yield counter("trunkline_repairs", "What had to be mended in a request or an answer.", REPAIR_LABELS, repairs)
    yield gauge("trunkline_requests_in_flight", "Requests for a model under way.", (), [((), sums.in_flight)])
    yield gauge("trunkline_attempts_in_flight", "Attempts under way.", (), [((), facts.live)])
    yield gauge(
        "trunkline_places_taken",
        "Places that are taken where only so many calls may be under way at once.",
        (),
        [((), facts.taken)],
    )
    waiting = [((name,), count) for name, count in sorted(facts.waiting.items())]
    yield gauge("trunkline_queue_waiting", "Requests that wait for a place.", ("name",), waiting)
    yield gauge("trunkline_ledger_pending", "Rows that are not in the ledger yet.", (), [((), facts.pending)])
    yield gauge("trunkline_workers", "Workers that have counted.", (), [((), sums.workers)])
    about = (
        "Tasks of the workers' event loops: some more for each request under way, and as many as before once it ended."
    )
    yield gauge("trunkline_tasks", about, (), [((), sums.tasks)])
    circuits = [((name, kind), STATES[standing]) for name, (standing, kind) in sorted(facts.circuits.items())]
    about = "Circuits that are known: 0 closed, 1 half open, 2 open."
    yield gauge("trunkline_circuit_state", about, ("circuit", "kind"), circuits)
    build = ((__version__, platform.python_version()), 1)
    yield gauge("trunkline_build_info", "What runs.", ("version", "python"), [build])
