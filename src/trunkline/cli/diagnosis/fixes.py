"""How a change of a deployment is written where that deployment came from: a line of its file, or a variable."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from trunkline.config.schema import Deployment
from trunkline.model.wires import Wire


def base_variable(deployment: Deployment, environ: Mapping[str, str]) -> str:
    """The variable that tells where its provider is, where one is set."""
    return next((name for name in deployment.provider.base_names if environ.get(name, "").strip()), "")


def new_base(deployment: Deployment, base: str, environ: Mapping[str, str]) -> str:
    """What to write so that a deployment goes to that base."""
    beside_it = f"write `api_base: {base}` beside the model ({deployment.where})"
    variable = base_variable(deployment, environ)
    if from_environment(deployment):
        names = deployment.provider.base_names
        return f"set `{variable or (names[0] if names else 'api_base')}={base}`"
    if variable and not deployment.api_base:
        return f"set `{variable}={base}`, or {beside_it}"
    return beside_it


def setting(deployment: Deployment, line: str, base: str, environ: Mapping[str, str]) -> str:
    """What to write so that `line` (`plan: coding`) holds of a deployment: itself, where that decides the address; else
    the address is to be changed to `base`. One that was written is kept, whatever plan and region say."""
    variable = base_variable(deployment, environ)
    whole = urlsplit(environ[variable].strip()).path.strip("/") if variable else ""
    if from_environment(deployment) or deployment.api_base or whole:
        return new_base(deployment, base, environ)
    return f"write `{line}` beside the model ({deployment.where})"


def from_environment(deployment: Deployment) -> bool:
    """Whether no file names it: it was made of what the environment holds."""
    return deployment.where.startswith("from ") or not deployment.where


def beside(base: str, wire: Wire, plan: str) -> str:
    """The address on the same host of Z.AI's where that plan's pot pays."""
    parts = urlsplit(base)
    coding = "/api/anthropic" if wire == "anthropic" else "/api/coding/paas/v4"
    return f"{parts.scheme}://{parts.netloc}{'/api/paas/v4' if plan == 'payg' else coding}"
