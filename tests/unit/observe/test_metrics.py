"""Counting is additions, names are bounded, and a dead worker's counts stay what they were."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

from tests.unit.making import deployment
from trunkline.guard.keys import Caller
from trunkline.model.usage import Usage
from trunkline.observe.counters import MOST_ATTEMPTS, MOST_REQUESTS, OTHER, Sums, merged
from trunkline.observe.exposition import page
from trunkline.observe.facts import Facts, Place
from trunkline.observe.metrics import Metrics, summed
from trunkline.upstream.books import Record

GLM = deployment("glm", model="glm-4.6", provider="zai")


def record(**more: Any) -> Record:
    model, key = more.pop("model", "glm-4.6"), more.pop("key", "master")
    fields = {
        "call": SimpleNamespace(operation="messages", caller=Caller(key)),
        "candidate": SimpleNamespace(deployment=GLM, group="glm", model=model, wire="anthropic"),
        "usage": Usage(input=100, cache_read=20, output=7, reasoning=2),
        "outcome": "ok",
        "kind": "",
        "status": 200,
        "billed": 1_500_000_000,
        "value": 3_000_000_000,
        "priced": True,
        "estimated": False,
        "number": 0,
        "resumed": False,
        "after_group": "",
        "waited": 0.4,
        "started": 99.0,
        "overrun": 0,
        "repairs": [],
    }
    return cast(Record, SimpleNamespace(**{**fields, **more}))


def counting() -> Metrics:
    return Metrics(lambda: 100.0)


def shown(*workers: Metrics, facts: Facts | None = None, accept: str = "") -> str:
    own, *others = (each.packed() for each in workers)
    text, kind = page(summed(own, b"", others), facts or Facts(), accept)
    assert kind.startswith("application/openmetrics-text" if accept else "text/plain; version=")
    return text.decode()


def lines(text: str, name: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith((f"{name}{{", f"{name} "))]


def number(text: str, name: str, *parts: str) -> float:
    found = [line for line in lines(text, name) if all(part in line for part in parts)]
    return sum(float(line.rsplit(" ", 1)[1]) for line in found)


def test_the_numbers_of_all_workers_are_added() -> None:
    one, two = counting(), counting()
    for each in (one, two):
        each.attempt(record())
        each.request("messages", "glm", 200, "master", 1.2)
    two.attempt(record(outcome="1302", kind="rate", status=429, billed=0, waited=0.0, number=1, after_group="glm"))
    two.attempt(record(number=2, after_group="back", repairs=["orphan_result"]))
    text = shown(one, two)
    assert number(text, "trunkline_attempts_total", 'outcome="ok"') == 3
    assert number(text, "trunkline_attempts_total", 'outcome="1302"', 'kind="rate"', 'status="429"') == 1
    assert number(text, "trunkline_retries_total") == 1
    assert number(text, "trunkline_fallbacks_total") == 1
    assert number(text, "trunkline_resumes_total") == 0
    assert number(text, "trunkline_tokens_total", 'type="input"') == 400
    assert number(text, "trunkline_cost_dollars_total") == 4.5
    assert number(text, "trunkline_repairs_total", 'repair="orphan_result"') == 1
    assert number(text, "trunkline_first_token_seconds_bucket", 'le="0.5"') == 3
    assert number(text, "trunkline_first_token_seconds_bucket", 'le="0.25"') == 0
    assert number(text, "trunkline_attempt_seconds_count") == 4
    assert number(text, "trunkline_request_seconds_sum") == 2.4
    assert number(text, "trunkline_workers") == 2


def test_dashboards_for_litellm_find_their_names() -> None:
    worker = counting()
    worker.attempt(record())
    worker.attempt(record(outcome="1302", kind="rate", status=429, billed=0))
    worker.request("messages", "glm", 200, "master", 1.0)
    worker.request("messages", "glm", 429, "master", 1.0)
    places = (Place(GLM.id, "zai", "glm-4.6", "glm", "https://api.z.ai", "open"),)
    text = shown(worker, facts=Facts(places=places, pending=3, circuits={"d:x|y": ("open", "busy")}))
    assert number(text, "litellm_proxy_total_requests_metric_total", 'requested_model="glm"') == 2
    assert number(text, "litellm_proxy_failed_requests_metric_total", 'exception_status="429"') == 1
    assert number(text, "litellm_requests_metric_total", 'model="glm"') == 2
    assert number(text, "litellm_spend_metric_total", 'model="glm-4.6"', 'hashed_api_key="master"') == 1.5
    assert number(text, "litellm_total_tokens_metric_total", 'requested_model="glm"') == 254
    assert number(text, "litellm_deployment_success_responses_total", 'api_base="https://api.z.ai"') == 1
    assert number(text, "litellm_deployment_failure_responses_total", 'exception_class="RateLimitError"') == 1
    assert number(text, "litellm_deployment_state", 'litellm_model_name="glm-4.6"') == 2
    assert lines(text, "litellm_llm_api_time_to_first_token_metric_bucket")
    assert number(text, "trunkline_ledger_pending") == 3
    assert number(text, "trunkline_circuit_state", 'circuit="d:x|y"', 'kind="busy"') == 2
    assert lines(text, "trunkline_build_info")


def test_openmetrics_is_spoken_to_who_asks_for_it() -> None:
    worker = counting()
    worker.attempt(record())
    assert shown(worker, accept="application/openmetrics-text; version=1.0.0").endswith("# EOF\n")


def test_tasks_of_all_workers_are_added_and_those_of_the_dead_are_gone() -> None:
    one, two = counting(), counting()
    one.tasks, two.tasks = (lambda: 5), (lambda: 7)
    assert number(shown(one, two), "trunkline_tasks") == 12
    past = merged(b"", two.packed())
    text, _ = page(summed(one.packed(), past, []), Facts(taken=3))
    assert number(text.decode(), "trunkline_tasks") == 5
    assert number(text.decode(), "trunkline_places_taken") == 3


def test_single_names_may_be_asked_for() -> None:
    worker = counting()
    worker.attempt(record())
    asked = ["trunkline_attempts_total", "trunkline_queue_waiting", "litellm_spend_metric_total", "nobody"]
    text = page(summed(worker.packed(), b"", []), Facts(waiting={"k:1": 2}), "", asked)[0].decode()
    told = {line.partition("{")[0] for line in text.splitlines() if not line.startswith("#")}
    assert told == set(asked) - {"nobody"}
    assert number(text, "trunkline_attempts_total") == 1


def test_names_that_clients_make_up_are_bounded() -> None:
    worker = counting()
    for at in range(MOST_ATTEMPTS + 500):
        worker.attempt(record(model=f"invented-{at}"))
    for at in range(MOST_REQUESTS + 500):
        worker.request("chat", f"invented-{at}", 200, "", 0.1)
    sums = Sums()
    sums.add(worker.packed())
    assert len(sums.attempts) == MOST_ATTEMPTS + 1
    assert len(sums.requests) == MOST_REQUESTS + 1
    assert sum(row[0] for row in sums.attempts.values()) == MOST_ATTEMPTS + 500
    (other,) = [row for name, row in sums.attempts.items() if name[3] == OTHER]
    assert other[0] == 500


def test_the_past_is_bounded_and_loses_nothing() -> None:
    past = b""
    for life in range(12):
        worker = counting()
        worker.in_flight = lambda: 7
        for at in range(900):
            worker.attempt(record(model=f"invented-{life}-{at}", outcome=f"code-{at}", kind="rate", status=429))
        past = merged(past, worker.packed())
    sums = Sums()
    sums.add(past)
    assert len(sums.attempts) <= 4001
    assert sum(row[0] for row in sums.attempts.values()) == 12 * 900
    assert (sums.in_flight, sums.workers) == (0, 0)


def test_counts_of_another_layout_are_left_out_with_a_word() -> None:
    sums = Sums()
    for strange in (b"\x00", b"\x93\x09\x90\x90", b""):
        sums.add(strange)
    assert not sums.attempts


def test_counting_costs_a_few_microseconds() -> None:
    worker, one = counting(), record()
    worker.attempt(one)
    best = 1.0
    for _ in range(10):
        began = time.perf_counter()
        for _ in range(2000):
            worker.attempt(one)
            worker.request("messages", "glm", 200, "master", 0.2)
        best = min(best, (time.perf_counter() - began) / 2000)
    # Two microseconds on a machine that is free; a loaded one must not fail the test.
    assert best < 10e-6
