"""The metrics that people's LiteLLM dashboards use, each with those of its labels that mean something here.

Source: docs.litellm.ai/docs/proxy/prometheus, read 2026-11. Labels for what does not exist here (teams, aliases of
keys) are left out, which PromQL takes as empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trunkline.observe.counters import ATTEMPT_LABELS, DURATION_AT, FIRST_AT, REQUEST_AT, REQUEST_LABELS, Sums, Table
from trunkline.observe.facts import STATES, Facts
from trunkline.observe.families import AT, added, counted, counter, gauge, grouped, histogram, money

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_CLASSES = {
    "caller": "BadRequestError",
    "window": "ContextWindowExceededError",
    "policy": "ContentPolicyViolationError",
    "auth": "AuthenticationError",
    "billing": "RateLimitError",
    "quota": "RateLimitError",
    "rate": "RateLimitError",
    "busy": "ServiceUnavailableError",
    "missing": "NotFoundError",
    "server": "InternalServerError",
    "timeout": "Timeout",
    "cut": "APIConnectionError",
    "unreachable": "APIConnectionError",
    "garbage": "APIError",
    "budget": "BudgetExceededError",
    "gateway": "APIError",
    "unhealthy": "ServiceUnavailableError",
}
"""Kind of failure → what LiteLLM would raise for it."""


def litellm(sums: Sums, facts: Facts) -> Iterator[Metric]:
    """LiteLLM's names, each with those of its labels that mean something here."""
    yield from _litellm_requests(sums.requests)
    attempts = sums.attempts
    who = ("model", "requested_model", "api_provider", "model_id", "hashed_api_key")
    ours = ("model", "group", "provider", "deployment", "key")
    spend = money(counted(attempts, ours, "billed"))
    yield counter("litellm_spend_metric", "Cost in dollars.", who, spend)
    read = added(*(counted(attempts, ours, kind) for kind in ("input", "cache_read", "cache_write")))
    written = counted(attempts, ours, "output")
    yield counter("litellm_input_tokens_metric", "Tokens read.", who, read)
    yield counter("litellm_output_tokens_metric", "Tokens written.", who, written)
    yield counter("litellm_total_tokens_metric", "Tokens read and written.", who, added(read, written))
    yield from _litellm_deployments(attempts, facts)
    timed = grouped(attempts, ATTEMPT_LABELS, ("model", "group", "provider"))
    labels = ("model", "requested_model", "api_provider")
    first = "litellm_llm_api_time_to_first_token_metric"
    yield histogram(first, "First token.", labels, timed, FIRST_AT, AT["first_sum"])
    took = "litellm_llm_api_latency_metric"
    yield histogram(took, "Calls of providers.", labels, timed, DURATION_AT, AT["duration_sum"])


def _litellm_requests(requests: Table) -> Iterator[Metric]:
    every = [((name[1], name[3], str(name[2]), name[0]), row[0]) for name, row in requests.items()]
    labels = ("requested_model", "hashed_api_key", "status_code", "route")
    yield counter("litellm_proxy_total_requests_metric", "Requests.", labels, every)
    failed = [row for row in every if int(row[0][2]) >= 400]
    labels = ("requested_model", "hashed_api_key", "exception_status", "route")
    yield counter("litellm_proxy_failed_requests_metric", "Requests that failed.", labels, failed)
    plain = grouped(requests, REQUEST_LABELS, ("asked", "key"))
    rows = [(name, row[0]) for name, row in plain.items()]
    yield counter("litellm_requests_metric", "Requests.", ("model", "hashed_api_key"), rows)
    timed = grouped(requests, REQUEST_LABELS, ("asked",))
    name = "litellm_request_total_latency_metric"
    yield histogram(name, "Whole requests.", ("requested_model",), timed, REQUEST_AT, 1)


def _litellm_deployments(attempts: Table, facts: Facts) -> Iterator[Metric]:
    bases = {place.id: place.base for place in facts.places}
    labels = ("litellm_model_name", "model_id", "api_base", "api_provider", "requested_model")
    total: dict[tuple[str, ...], float] = {}
    good: dict[tuple[str, ...], float] = {}
    bad: dict[tuple[str, ...], float] = {}
    for name, row in attempts.items():
        told = dict(zip(ATTEMPT_LABELS, name, strict=True))
        place = (told["model"], told["deployment"], bases.get(told["deployment"], ""), told["provider"], told["group"])
        total[place] = total.get(place, 0) + row[0]
        if told["outcome"] == "ok":
            good[place] = good.get(place, 0) + row[0]
        else:
            error = (*place, str(told["status"]), _CLASSES.get(told["kind"], "APIError"))
            bad[error] = bad.get(error, 0) + row[0]
    yield counter("litellm_deployment_total_requests", "Calls of a deployment.", labels, total.items())
    yield counter("litellm_deployment_success_responses", "Calls that succeeded.", labels, good.items())
    more = (*labels, "exception_status", "exception_class")
    yield counter("litellm_deployment_failure_responses", "Calls that failed.", more, bad.items())
    states = [((each.model, each.id, each.base, each.provider), STATES[each.state]) for each in facts.places]
    about = "0 healthy, 1 partial outage, 2 complete outage."
    yield gauge("litellm_deployment_state", about, labels[:4], states)
