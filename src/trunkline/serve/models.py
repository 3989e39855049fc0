"""Lists what can be asked for here: in OpenAI's, Anthropic's or Ollama's shape, by who asks. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from trunkline.catalog.models import Model, look_up
from trunkline.config.schema import Deployment, Snapshot
from trunkline.route.plan import DISCOVERY_PREFIX

_CREATED = 1_767_225_600
"""2026-01-01: clients demand a number, and no vendor tells the same for all its models."""

_CREATED_TEXT = "2026-01-01T00:00:00Z"

_ANSWERS = ["generateContent", "countTokens"]
_EMBEDS = ["embedContent", "batchEmbedContents"]


def names(snapshot: Snapshot) -> list[str]:
    """What clients may ask for by an exact name, in the configuration's order; deployments without a key as well."""
    shown = [name for name in snapshot.groups if name not in snapshot.hidden]
    return shown + [name for name in snapshot.aliases if name not in snapshot.hidden and name not in snapshot.groups]


def deployment_of(snapshot: Snapshot, name: str) -> Deployment | None:
    """The first deployment behind a listed name."""
    found = snapshot.groups.get(snapshot.aliases.get(name, name))
    return found[0] if found else None


def facts(snapshot: Snapshot, name: str) -> Model | None:
    """What the catalog knows of the model behind a listed name."""
    deployment = deployment_of(snapshot, name)
    return look_up(deployment.provider.name, deployment.model) if deployment is not None else None


def openai_row(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """One model as OpenAI lists it."""
    deployment = deployment_of(snapshot, name)
    owner = deployment.provider.name if deployment is not None else "trunkline"
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": owner}


def openai_list(snapshot: Snapshot) -> dict[str, Any]:
    """`GET /v1/models` for OpenAI clients."""
    return {"object": "list", "data": [openai_row(snapshot, name) for name in names(snapshot)]}


def anthropic_row(snapshot: Snapshot, name: str, shown_as: str = "") -> dict[str, Any]:
    """One model as Anthropic lists it."""
    row: dict[str, Any] = {
        "type": "model",
        "id": shown_as or name,
        "display_name": name,
        "created_at": _CREATED_TEXT,
    }
    known = facts(snapshot, name)
    if known is not None and known.max_input:
        row["max_input_tokens"] = known.max_input
    if known is not None and known.max_output:
        row["max_tokens"] = known.max_output
    return row


def anthropic_list(snapshot: Snapshot, query: str) -> dict[str, Any]:
    """`GET /v1/models` for Anthropic clients, by pages.

    Claude Code keeps only ids that begin with `claude` or `anthropic` (2026-11): the others are offered to it a second
    time as `claude-<id>`, which the router understands.
    """
    rows: list[dict[str, Any]] = []
    listed = names(snapshot)
    for name in listed:
        rows.append(anthropic_row(snapshot, name))
    for name in listed:
        if not name.startswith(("claude", "anthropic")):
            rows.append(anthropic_row(snapshot, name, DISCOVERY_PREFIX + name))
    asked = parse_qs(query)
    return _page(rows, asked)


def _page(rows: list[dict[str, Any]], asked: dict[str, list[str]]) -> dict[str, Any]:
    ids = [row["id"] for row in rows]
    limit = whole_number(asked.get("limit", [""])[0], 1000, 1000)
    start, end = 0, len(rows)
    after, before = asked.get("after_id", [""])[0], asked.get("before_id", [""])[0]
    if after in ids:
        start = ids.index(after) + 1
    if before in ids:
        end = ids.index(before)
        start = max(start, end - limit)
    page = rows[start:end][:limit]
    return {
        "data": page,
        "has_more": end - start > len(page),
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }


def whole_number(text: str, usual: int, most: int) -> int:
    """A number of a query, from 1 to `most`; `usual` where it is none."""
    return min(most, max(1, int(text))) if text.isdecimal() else usual


def gemini_row(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """One model as Gemini lists it."""
    known = facts(snapshot, name)
    return {
        "name": f"models/{name}",
        "displayName": name,
        "inputTokenLimit": (known.max_input if known is not None else 0) or None,
        "outputTokenLimit": (known.max_output if known is not None else 0) or None,
        "supportedGenerationMethods": _EMBEDS if known is not None and known.mode == "embedding" else _ANSWERS,
    }


def gemini_list(snapshot: Snapshot) -> dict[str, Any]:
    """`GET /v1beta/models`."""
    return {"models": [gemini_row(snapshot, name) for name in names(snapshot)]}


def ollama_tags(snapshot: Snapshot) -> dict[str, Any]:
    """`GET /api/tags`. Sizes and digests are those of files on a disk; what is elsewhere has none."""
    return {"models": [_ollama_row(snapshot, name) for name in names(snapshot)]}


def _ollama_row(snapshot: Snapshot, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "model": name,
        "modified_at": _CREATED_TEXT,
        "size": 0,
        "digest": "",
        "details": _ollama_details(snapshot, name),
        "capabilities": _capabilities(facts(snapshot, name)),
    }


def _ollama_details(snapshot: Snapshot, name: str) -> dict[str, Any]:
    deployment = deployment_of(snapshot, name)
    family = deployment.provider.name if deployment is not None else ""
    return {
        "parent_model": "",
        "format": "",
        "family": family,
        "families": [family] if family else [],
        "parameter_size": "",
        "quantization_level": "",
    }


def ollama_show(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """`POST /api/show` for a model that no Ollama holds."""
    known = facts(snapshot, name)
    details = _ollama_details(snapshot, name)
    info: dict[str, Any] = {"general.architecture": details["family"]}
    if known is not None and known.max_input:
        info[f"{details['family']}.context_length"] = known.max_input
    return {
        "license": "",
        "modelfile": "",
        "parameters": "",
        "template": "",
        "details": details,
        "model_info": info,
        "capabilities": _capabilities(known),
        "modified_at": _CREATED_TEXT,
    }


def _capabilities(known: Model | None) -> list[str]:
    if known is None:
        return ["completion", "tools"]
    if known.mode == "embedding":
        return ["embedding"]
    able = known.abilities
    return [
        "completion",
        *(["tools"] if able.tools is not False else []),
        *(["vision"] if able.vision else []),
        *(["thinking"] if able.reasoning else []),
    ]


def now_text() -> str:
    """The present as RFC 3339, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
