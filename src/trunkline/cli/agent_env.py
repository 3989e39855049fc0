"""What an agent is told so that it works through a gateway: environment and arguments. Pure: no I/O.

Sources: code.claude.com/docs/en/llm-gateway-protocol and /settings (2026), and what Claude Code 2.1.329, 1.0.128 and
Codex 0.169.0 were seen to read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from trunkline.cli.gateway import Gateway
from trunkline.cli.tiers import Tiers

NO_KEY = "trunkline"
"""Agents insist on some key; this stands where the gateway wants none."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OTHER_WAYS = (
    *("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_UNIX_SOCKET"),
    *("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_MANTLE"),
)
"""Variables that would make Claude Code go another way or carry another credential: they are emptied."""
SECRET = ("ANTHROPIC_AUTH_TOKEN", "TRUNKLINE_API_KEY")


def for_claude(gateway: Gateway, tiers: Tiers | None, model: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Claude Code's variables. `tiers` None: its own model names are left as they are."""
    told = dict.fromkeys(OTHER_WAYS, "")
    told |= {"ANTHROPIC_BASE_URL": gateway.url, "ANTHROPIC_AUTH_TOKEN": gateway.key or NO_KEY}
    if tiers:
        told |= {
            "ANTHROPIC_MODEL": model or tiers.opus,
            "ANTHROPIC_DEFAULT_FABLE_MODEL": tiers.fable or tiers.opus,
            "ANTHROPIC_DEFAULT_OPUS_MODEL": tiers.opus,
            "ANTHROPIC_DEFAULT_SONNET_MODEL": tiers.sonnet,
            "ANTHROPIC_DEFAULT_HAIKU_MODEL": tiers.haiku,
            "ANTHROPIC_SMALL_FAST_MODEL": tiers.haiku,  # what the 1.0 line reads for its helper calls
        }
    elif model:
        told["ANTHROPIC_MODEL"] = model
    told |= {
        "API_TIMEOUT_MS": "3000000",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
    }
    return told | no_proxy(environ)


def no_proxy(environ: Mapping[str, str]) -> dict[str, str]:
    """`NO_PROXY` in both spellings, with loopback added to what is there."""
    there = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    hosts = [host.strip() for host in there.split(",") if host.strip()]
    value = ",".join(dict.fromkeys((*hosts, *LOOPBACK)))
    return {"NO_PROXY": value, "no_proxy": value}


def settings_of(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """The caller's own `--settings`, of which the last counts as it does there, and the arguments without it."""
    given: str | None = None
    rest: list[str] = []
    left = list(arguments)
    while left:
        head = left.pop(0)
        if head == "--":
            return given, [*rest, head, *left]
        if head == "--settings" and left:
            given = left.pop(0)
        elif head.startswith("--settings="):
            given = head.removeprefix("--settings=")
        else:
            rest.append(head)
    return given, rest


def with_env(settings: Mapping[str, object], told: Mapping[str, str]) -> str:
    """Claude Code's settings as JSON, with the variables in `env`, where they beat every settings file."""
    own = settings.get("env")
    return json.dumps({**settings, "env": {**(own if isinstance(own, dict) else {}), **told}})


def for_codex(gateway: Gateway, model: str, environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Codex's variables and arguments: a provider of its own, on the command line, so that no file is edited."""
    told = {"TRUNKLINE_API_KEY": gateway.key or NO_KEY} | no_proxy(environ)
    provider = {
        "name": "Trunkline",
        "base_url": f"{gateway.url}/v1",
        "env_key": "TRUNKLINE_API_KEY",
        "wire_api": "responses",
    }
    lines = [f"model_providers.trunkline.{name}={json.dumps(value)}" for name, value in provider.items()]
    lines += ["model_providers.trunkline.stream_idle_timeout_ms=3000000", 'model_provider="trunkline"']
    if model:
        lines.append(f"model={json.dumps(model)}")
    return told, [part for line in lines for part in ("-c", line)]
