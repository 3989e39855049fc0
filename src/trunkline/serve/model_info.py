"""`/model/info`, `/v2/model/info`, `/model_group/info`: what is configured, in LiteLLM's shapes, without a key. Pure.

Source: litellm/proxy/proxy_server.py, litellm/types/router.py (`ModelGroupInfo`), 1.110.2, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from trunkline.catalog.models import Model, look_up
from trunkline.config.schema import Deployment, Snapshot
from trunkline.model.usage import MILLION, NANO
from trunkline.route.plan import resolve
from trunkline.serve.models import names, whole_number

_ABILITIES = {
    "supports_vision": "vision",
    "supports_function_calling": "tools",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "json_schema",
    "supports_pdf_input": "documents",
}
_OF_A_GROUP = ("supports_vision", "supports_function_calling", "supports_reasoning")
_PAGE = 50
"""Rows of a page of `/v2/model/info` where nobody says."""


def model_info(snapshot: Snapshot, query: str) -> dict[str, Any]:
    """Every deployment; with `litellm_model_id`, that one."""
    asked = _asked(query, "litellm_model_id")
    return {"data": [_row(each) for each in _all(snapshot) if asked in ("", each.id)]}


def paged(snapshot: Snapshot, query: str) -> dict[str, Any]:
    """The same by pages: `page`, `size`, and the filters `model`, `modelId` and `search` (a part of the name)."""
    name, one, part = _asked(query, "model"), _asked(query, "modelId"), _asked(query, "search").lower()
    found = [
        each
        for each in _all(snapshot)
        if name in ("", each.group) and one in ("", each.id) and part in each.group.lower()
    ]
    size = whole_number(_asked(query, "size"), _PAGE, 1000)
    page = whole_number(_asked(query, "page"), 1, 1_000_000)
    return {
        "data": [_row(each) for each in found[(page - 1) * size : page * size]],
        "total_count": len(found),
        "current_page": page,
        "total_pages": -(-len(found) // size),
        "size": size,
    }


def groups(snapshot: Snapshot, query: str) -> dict[str, Any]:
    """What can be asked for, a row for each name; with `model_group`, that one. Raises `UnknownModel`."""
    asked = _asked(query, "model_group")
    if asked:
        return {"data": [_group(asked, resolve(snapshot, asked)[1])]}
    rows = [_group(name, resolve(snapshot, name)[1]) for name in names(snapshot)]
    return {"data": [*rows, *(_group(pattern, found) for pattern, found in snapshot.wildcards)]}


def _asked(query: str, name: str) -> str:
    return parse_qs(query).get(name, [""])[0].strip()


def _all(snapshot: Snapshot) -> Iterable[Deployment]:
    for deployments in snapshot.groups.values():
        yield from deployments
    for _, deployments in snapshot.wildcards:
        yield from deployments


def _row(deployment: Deployment) -> dict[str, Any]:
    first = next(iter(deployment.doors.values()), None)
    return {
        "model_name": deployment.group,
        "litellm_params": {
            "model": f"{deployment.provider.name}/{deployment.model}",
            **({"api_base": first.base} if first is not None and first.base else {}),
            **dict(deployment.params),
        },
        "model_info": {
            "id": deployment.id,
            "db_model": False,
            "key": deployment.model,
            "litellm_provider": deployment.provider.name,
            "formats": list(deployment.doors),
            "key_found": not deployment.key_missing,
            **_facts(deployment),
        },
    }


def _facts(deployment: Deployment) -> dict[str, Any]:
    """Limits, prices in dollars a token, and abilities: the catalog's, and before them what the file says."""
    known = look_up(deployment.provider.name, deployment.model)
    price = deployment.price or (known.price if known is not None else None)
    rates = price.rates(0) if price is not None else None
    return {
        "mode": known.mode if known is not None else "chat",
        "max_input_tokens": (known.max_input or None) if known is not None else None,
        "max_output_tokens": (known.max_output or None) if known is not None else None,
        "input_cost_per_token": rates.input / MILLION / NANO if rates is not None else None,
        "output_cost_per_token": rates.output / MILLION / NANO if rates is not None else None,
        **_abilities(known),
        **dict(deployment.info),
    }


def _abilities(known: Model | None) -> Mapping[str, bool | None]:
    return {name: getattr(known.abilities, own) if known is not None else None for name, own in _ABILITIES.items()}


def _group(name: str, deployments: tuple[Deployment, ...]) -> dict[str, Any]:
    """The most that one of them holds, the dearest price, the sum of their limits, and what any of them can do."""
    facts = [_facts(each) for each in deployments]
    return {
        "model_group": name,
        "providers": list(dict.fromkeys(each.provider.name for each in deployments)),
        **{
            key: max((each[key] for each in facts if each.get(key) is not None), default=None)
            for key in ("max_input_tokens", "max_output_tokens", "input_cost_per_token", "output_cost_per_token")
        },
        "mode": facts[0]["mode"] if facts else "chat",
        "tpm": sum(each.tpm or 0 for each in deployments) or None,
        "rpm": sum(each.rpm or 0 for each in deployments) or None,
        **{key: any(each.get(key) is True for each in facts) for key in _OF_A_GROUP},
    }
