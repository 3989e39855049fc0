"""How an Azure OpenAI URL is put together. Pure text, no I/O.

Azure has two schemes. The older has the deployment in the path and a dated version in the query:
`{resource}/openai/deployments/{deployment}/chat/completions?api-version=2024-10-21`. The newer, `{resource}/openai/v1`,
is plain OpenAI: the model is in the body and no version is needed. The Responses format exists at the newer one only.
Source: learn.microsoft.com/azure/foundry/openai/api-version-lifecycle, 2026-11-20.
"""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

DEFAULT_VERSION = "2024-10-21"
"""The last dated version that is generally available: used where neither file, base nor environment names one."""

_V1_VERSIONS = {"v1", "preview", "latest"}
"""Versions that mean the newer scheme, as LiteLLM 1.109.1 reads them."""


def azure_url(base: str, model: str, path: str, api_version: str = "") -> str:
    """The URL for one operation: `path` is the operation's (`/chat/completions`), `model` the deployment's name.

    `base` may be the resource, end in `/openai`, in `/openai/v1`, or in `/openai/deployments/{name}`, which then wins
    over `model`.
    """
    base = base.rstrip("/")
    resource = base.partition("/openai")[0]
    newer = base.endswith("/openai/v1") or api_version in _V1_VERSIONS or path.startswith("/responses")
    if newer:
        return f"{resource}/openai/v1{path}"
    version = quote(api_version or DEFAULT_VERSION, safe="")
    if "/openai/deployments/" in base:
        return f"{base}{path}?api-version={version}"
    return f"{resource}/openai/deployments/{quote(model, safe='')}{path}?api-version={version}"


def azure_version(api_base: str) -> str:
    """The `api-version` in a base that was copied whole from the portal; empty where it has none."""
    return next(iter(parse_qs(urlsplit(api_base).query).get("api-version", [])), "")
