"""What Z.AI's answers mean by the address they came from: which pot, which host, which model. Pure.

Sources: docs.z.ai/api-reference/api-code and /devpack/faq (2026-11), newer codes from reports of 2026-08 and 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from trunkline.catalog.providers import at_host
from trunkline.catalog.rows_zai import CN, INTL
from trunkline.cli.diagnosis.calls import Told
from trunkline.cli.diagnosis.fixes import beside, setting
from trunkline.cli.diagnosis.lists import accepted
from trunkline.cli.findings import State
from trunkline.errors import Failure, ProviderRefused
from trunkline.model.wires import Wire

Pot = Literal["payg", "coding"]
_WRONG_KEY = frozenset(["1000", "1001", "1002", "1003", "1004", "1100", "401"])
_MAINLAND_ONLY, _INTERNATIONAL_ONLY = ("glm-4-plus", "glm-4-flash"), ("glm-4-32b-0414-128k",)
"""Models that one host has and the other has not (docs.z.ai and docs.bigmodel.cn, 2026-11)."""
_POTS: Mapping[Pot, str] = {"payg": "pay-as-you-go balance", "coding": "Coding Plan"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a failure means, and what to do: the tail of a finding."""

    state: State
    code: str
    seen: str
    remedy: str


def _rows(*groups: tuple[str, State, str, str, str]) -> Mapping[str, Meaning]:
    return {code: Meaning(*rest) for codes, *rest in groups for code in codes.split()}  # type: ignore[arg-type]


_ROWS = _rows(
    (
        "1220 1221", "fail", "zai.not_offered", "Z.AI does not offer this to the key in {key} ({code}).",
        "Ask for another model, or see what the account may use: {page}.",
    ),
    (
        "1110 1111 1112 1120 1121", "fail", "zai.locked", "The account behind {key} is inactive or locked ({code}).",
        "Sign in and look what it wants: {page}.",
    ),
    (
        "1302 1303 1305", "warn", "zai.busy",
        "The key in {key} is accepted; Z.AI is busy, or lets only so many calls at once ({code}).",
        "Try again in a minute. If it stays: fewer calls at once (`max_parallel_requests`), or a larger plan.",
    ),
    (
        "1304 1308 1310", "warn", "zai.used_up", "The key in {key} is accepted, and its limit is used up: {said}",
        "Wait until it resets, or name another model under `fallbacks` for that time.",
    ),
    (
        "1313", "fail", "zai.fair_use", "Z.AI restricts the account behind {key} for its way of use (1313).",
        "The Coding Plan is for one person and the tools that Z.AI lists (docs.z.ai/devpack/usage-policy): wait, or "
        "use the pay-as-you-go address (`plan: payg`).",
    ),
    (
        "1312 1314 1315 1316 1317 1318 1319 1320 1321", "fail", "zai.plan_says_no",
        "The plan behind {key} does not allow this now: {said}", "Look at the plan: {page}.",
    ),
    (
        "1210 1212 1213 1214 1215 1231 1261 1300 1301", "fail", "zai.refused",
        "The key in {key} is accepted, but what the doctor asks is refused: {said}",
        "Look at the deployment's own parameters and `extra_body`: they are sent with every call.",
    ),
    ("500 1200 1230 1234", "warn", "zai.failed", "Z.AI failed by itself ({code}).", "Try again in a moment."),
)  # fmt: skip
"""What means the same at every address. `{key}`, `{code}`, `{said}` and `{page}` are filled in."""


def pot_of(base: str) -> Pot:
    """Which pot an address of Z.AI's charges."""
    path = urlsplit(base).path
    return "coding" if any(part in path for part in ("/coding/", "/anthropic", "/api/v1")) else "payg"


def is_zai(told: Told) -> bool:
    """Whether it is Z.AI (or BigModel) that is asked, at its own host or at one that stands in for it."""
    vendor = at_host(told.door.base) or told.asked.deployment.provider
    return vendor.name in ("zai", "bigmodel")


def meaning(told: Told, failure: Failure, environ: Mapping[str, str]) -> Meaning | None:
    """What an error of Z.AI's means at that address; None for what the codes do not tell."""
    code = failure.code
    if isinstance(failure, ProviderRefused) and not code.isdigit():
        code = str(failure.status) if failure.status == 401 else code
    key = _key(told)
    if code in ("1113", "1309"):
        return _pot(told, code, environ)
    if code in _WRONG_KEY:
        return _wrong_key(told, failure, environ)
    if code == "1311":
        return _not_in_plan(told, environ)
    if code in ("1211", "1222"):
        return _no_model(told, environ)
    row = _ROWS.get(code)
    if row is None:
        return None
    given = {"key": key, "code": code, "said": _said(failure), "page": _page(told)}
    return Meaning(row.state, row.code, row.seen.format(**given), row.remedy.format(**given))


def _pot(told: Told, code: str, environ: Mapping[str, str]) -> Meaning:
    """1113 and 1309: the key has nothing in the pot that this address charges."""
    deployment, here = told.asked.deployment, pot_of(told.door.base)
    other: Pot = "payg" if here == "coding" else "coding"
    wire: Wire = told.wire if here == "payg" else "openai_chat"
    target = told.sister or beside(told.door.base, wire, other)
    change = setting(deployment, f"plan: {other}", target, environ)
    charges = f"which charges the {_POTS[here]} ({code})"
    seen = f"The key in {_key(told)} has nothing to pay with at {told.door.base}, {charges}."
    if told.sister and told.sister_failure is None:
        seen += f" The same key works at {told.sister}, and a gateway goes on there by itself."
        return Meaning("warn", "zai.other_pot", seen, f"So that no call takes the detour, {change}.")
    if told.sister and told.sister_failure is not None and told.sister_failure.code in ("1113", "1309"):
        seen += f" Neither does the {_POTS[other]} at {told.sister} ({told.sister_failure.code})."
        remedy = f"Put money on the account, or subscribe to the Coding Plan: {_page(told)}."
        return Meaning("fail", "zai.no_pot", seen, remedy)
    if deployment.model.lower().startswith("claude-"):
        remedy = (
            f"Z.AI knows Claude's names at its Coding Plan's address only: name a GLM instead (`zai/glm-5.3`) with "
            f"`plan: payg`, or subscribe to the plan: {_page(told)}."
        )
        return Meaning("fail", "zai.wrong_pot", seen, remedy)
    whose = "is a Coding Plan's" if other == "coding" else "is a prepaid one"
    last = (
        f"Else put money on the account: {_page(told)}." if here == "payg" else f"Else renew the plan: {_page(told)}."
    )
    return Meaning("fail", "zai.wrong_pot", seen, f"If that key {whose}, {change}. {last}")


def _wrong_key(told: Told, failure: Failure, environ: Mapping[str, str]) -> Meaning:
    """401: nobody's key, or one of the other host's: keys of z.ai and bigmodel.cn are not interchangeable."""
    deployment, key = told.asked.deployment, _key(told)
    host = urlsplit(told.door.base).hostname or ""
    mainland = host == urlsplit(CN).hostname
    there = INTL if mainland else CN
    owner = "an international key (z.ai)" if mainland else "a mainland key (bigmodel.cn)"
    region = "intl" if mainland else "cn"
    target = there + urlsplit(told.door.base).path
    if deployment.provider.name == "bigmodel" and mainland and not deployment.api_base:
        change = f"write `model: zai/{deployment.model}` ({deployment.where}) and put the key into ZAI_API_KEY"
    else:
        change = setting(deployment, f"region: {region}", target, environ)
    seen = f"{host} does not accept the key in {key} ({failure.code if failure.code.isdigit() else failure.status})"
    if told.region is not None and accepted(told.region):
        seen += f"; {urlsplit(there).hostname} does: it is {owner}."
        return Meaning("fail", "zai.other_region", seen, f"{change[0].upper()}{change[1:]}.")
    if told.region is not None and told.region.status in (401, 403):
        remedy = f"Make a new key at {_page(told)} and put it, whole, into {key}."
        return Meaning("fail", "zai.key", f"{seen}, and neither does {urlsplit(there).hostname}.", remedy)
    seen += "." if told.region is None else f"; {urlsplit(there).hostname} could not be asked ({told.region.said})."
    remedy = f"Copy it whole from {_page(told)} into {key}. If it is {owner}, {change}."
    return Meaning("fail", "zai.key", seen, remedy)


def _not_in_plan(told: Told, environ: Mapping[str, str]) -> Meaning:
    deployment = told.asked.deployment
    target = beside(told.door.base, told.wire, "payg")
    change = setting(deployment, "plan: payg", target, environ)
    seen = f"The Coding Plan behind {_key(told)} does not include `{deployment.model}` (1311)."
    remedy = f"Name a model of the plan (`glm-5.3`, `glm-5.3-flash`, `glm-4.7`), or pay for this one by use: {change}."
    return Meaning("fail", "zai.not_in_plan", seen, remedy)


def _no_model(told: Told, environ: Mapping[str, str]) -> Meaning:
    """1211: the name is wrong, or right at another address."""
    from difflib import get_close_matches

    deployment, base = told.asked.deployment, told.door.base
    model = deployment.model.lower()
    seen = f"Z.AI knows no model `{deployment.model}` at {base} (1211)."
    mainland = urlsplit(base).hostname == urlsplit(CN).hostname
    path = urlsplit(base).path
    if model.startswith("claude-") and "/anthropic" not in path:
        target = beside(base, "anthropic", "coding")
        change = setting(deployment, "plan: coding", target, environ)
        remedy = f"Claude's names are known at its address in Anthropic's format only: {change}."
        return Meaning("fail", "zai.claude_name", seen, remedy)
    if model in (_INTERNATIONAL_ONLY if mainland else _MAINLAND_ONLY):
        host = urlsplit(INTL if mainland else CN).hostname
        remedy = f"Only {host} has it, which wants a key of its own. Name another model here."
        return Meaning("fail", "zai.other_catalog", seen, remedy)
    names = told.own_list.names if told.own_list is not None else ()
    near = get_close_matches(model, names, n=1, cutoff=0.5)
    if near:
        remedy = f"Did you mean `{near[0]}`? Z.AI lists {', '.join(names[:8])}."
    elif names:
        remedy = f"Z.AI lists {', '.join(names[:8])}."
    else:
        remedy = f"Check the name ({deployment.where}): docs.z.ai/guides/overview/pricing lists them."
    return Meaning("fail", "zai.model", seen, remedy)


def _key(told: Told) -> str:
    key = told.asked.deployment.key
    return key.source if key is not None else "the request"


def _page(told: Told) -> str:
    vendor = at_host(told.door.base) or told.asked.deployment.provider
    return vendor.key_page


def _said(failure: Failure) -> str:
    return failure.message if failure.message.endswith((".", "!", "?")) else f"{failure.message}."
