"""What came of a call, as a finding: a sentence, and the fix. Pure but for what a mend does when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches

from trunkline.cli.diagnosis import network, zai
from trunkline.cli.diagnosis.calls import Told
from trunkline.cli.diagnosis.fixes import new_base
from trunkline.cli.findings import Finding, Mend, State
from trunkline.cli.providers import OPEN_LISTS
from trunkline.config.schema import Deployment
from trunkline.errors import Failure, Kind, ProviderGarbage, ProviderRefused
from trunkline.model.usage import dollars

Pull = Callable[[Deployment], str]
"""Has Ollama pull a deployment's model; what was done."""

_KINDS: Mapping[Kind, tuple[State, str]] = {
    "auth": ("fail", "key.refused"),
    "billing": ("fail", "account.empty"),
    "quota": ("warn", "account.used_up"),
    "rate": ("warn", "provider.limited"),
    "busy": ("warn", "provider.busy"),
    "server": ("warn", "provider.failed"),
    "cut": ("warn", "provider.cut"),
    "timeout": ("fail", "provider.slow"),
    "missing": ("fail", "model.unknown"),
    "garbage": ("fail", "answer.garbage"),
}
_BUSY: State = "warn"


def finding(told: Told, environ: Mapping[str, str], pull: Pull) -> Finding:
    """The row of one call."""
    called = told.asked.called
    failure = told.failure
    if failure is None:
        return _well(told)
    if told.asked.deployment.provider.name == "ollama" and (found := _ollama(told, failure, pull)):
        return found
    if failure.kind == "unreachable" or failure.code == "provider_unreachable":
        why = network.cause(failure, told.door.base)
        seen, remedy = why.seen or failure.message, why.remedy or failure.remedy
        return Finding("call", "fail", f"{called}: {seen}", remedy, why.code)
    if found := _path(told, environ):
        return found
    if zai.is_zai(told) and (what := zai.meaning(told, failure, environ)):
        return Finding("call", what.state, f"{called}: {what.seen}", what.remedy, what.code, cost=told.cost)
    state, code = _KINDS.get(failure.kind, ("fail", "call.refused"))
    if failure.kind == "auth" and told.asked.deployment.key is None:
        remedy = f"No key is sent there. Write `api_key` beside the model ({told.asked.deployment.where})."
        return Finding("call", "fail", f"{called}: {_ended(failure.message)}", remedy, "key.none")
    if failure.kind == "missing" and (found := _unlisted(told, failure)):
        return found
    remedy = failure.remedy or _REMEDIES.get(code, "")
    return Finding("call", state, f"{called}: {_ended(failure.message)}", remedy, code, cost=told.cost)


_REMEDIES = {
    "call.refused": "Look at the deployment's own parameters and `extra_body`: they are sent with every call.",
    "provider.failed": "Try again in a moment.",
    "provider.busy": "Try again in a moment.",
    "answer.garbage": "Check that `api_base` is the address of an API, and that no proxy answers in its place.",
}


def _well(told: Told) -> Finding:
    called = told.asked.called
    if told.asked.how == "list":
        count = told.models or 0
        seen = f"{called}: the key is taken; {count} {'model is' if count == 1 else 'models are'} listed."
        if told.asked.deployment.key is None or told.asked.deployment.provider.name in OPEN_LISTS:
            seen = f"{called}: it answers; {count} {'model is' if count == 1 else 'models are'} listed."
        return Finding("call", "ok", seen)
    cost = f"${dollars(told.cost)}" if told.priced else "at a price that nobody knows"
    return Finding("call", "ok", f"{called} answered in {told.seconds:.1f} s, {cost}.", cost=told.cost)


def _path(told: Told, environ: Mapping[str, str]) -> Finding | None:
    """A base whose path is wrong: another path of the same host has the list of models."""
    right = next((each for each in told.paths if each.listed), None)
    if right is None:
        return None
    deployment, base = told.asked.deployment, told.door.base
    slip = ""
    if right.base == f"{base}/v1":
        slip = ": `/v1` is missing"
    elif base.endswith("/v1/v1"):
        slip = ": `/v1` stands twice"
    elif base == f"{right.base}/v1":
        slip = ": `/v1` is too much"
    seen = f"{told.asked.called}: {base} is not where the API is{slip}; {right.base} answers."
    change = new_base(deployment, right.base, environ)
    return Finding("call", "fail", seen, f"{change[0].upper()}{change[1:]}.", "address.path")


def _unlisted(told: Told, failure: Failure) -> Finding | None:
    """The address is right (it lists models), and the model is not among them; or nothing there is an API."""
    deployment, listed = told.asked.deployment, told.own_list
    called = told.asked.called
    if listed is None or not isinstance(failure, ProviderRefused | ProviderGarbage):
        return None
    if not listed.listed:
        if told.asked.how == "list" and listed.status in (404, 405):
            seen = f"{called}: no list of models was found, so nothing is known of the key and the address."
            return Finding("call", "note", seen, "Name one of its models beside the pattern, and ask again.")
        if listed.status in (404, 405) and told.paths:
            remedy = f"No path that is usual there answers either. Check `api_base` ({deployment.where})."
            return Finding("call", "fail", f"{called}: {_ended(failure.message)}", remedy, "address.unknown")
        return None
    near = get_close_matches(deployment.model, listed.names, n=1, cutoff=0.5)
    some = ", ".join(listed.names[:8]) or "no model at all"
    hint = f"Did you mean `{near[0]}`? " if near and near[0] != deployment.model else ""
    remedy = f"{hint}It lists {some}{', …' if len(listed.names) > 8 else ''}."
    return Finding("call", "fail", f"{called}: {_ended(failure.message)}", remedy, "model.unknown")


def _ollama(told: Told, failure: Failure, pull: Pull) -> Finding | None:
    deployment, base, called = told.asked.deployment, told.door.base, told.asked.called
    nobody = deployment.elsewhere or network.cause(failure, base).code in ("network.refused", "network.timeout")
    if failure.kind == "unreachable" and nobody:
        where = ", ".join((base, *deployment.elsewhere))
        remedy = "Start it (`ollama serve`), or say where it is: OLLAMA_API_BASE, or `api_base` beside the model."
        return Finding("call", "fail", f"{called}: Ollama does not run at {where}.", remedy, "ollama.down")
    if failure.kind == "missing" and told.own_list is not None and told.own_list.listed:
        there = ", ".join(told.own_list.names[:8]) or "none yet"
        model = deployment.model
        return Finding(
            "call", "fail", f"{called}: Ollama at {base} has not pulled `{model}`. It has: {there}.",
            f"`trunkline pull {model}`, or `ollama pull {model}`.", "ollama.not_pulled",
            mend=Mend(f"Pull {model} into Ollama at {base}.", lambda: pull(deployment), asks=True),
        )  # fmt: skip
    if failure.kind == "timeout":
        seen = f"{called}: Ollama at {base} did not answer in time; it may still be loading the model."
        return Finding("call", _BUSY, seen, "Try again when it is loaded.", "ollama.loading")
    return None


def _ended(message: str) -> str:
    return message if message.endswith((".", "!", "?")) else f"{message}."
