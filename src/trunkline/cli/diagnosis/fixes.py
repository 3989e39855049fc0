"""How a change of a deployment is written where that deployment came from: a line of its file, or a variable."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from trunkline.catalog.place import place
from trunkline.config.schema import Deployment
from trunkline.errors import ConfigInvalid
from trunkline.model.wires import Wire


def base_variable(deployment: Deployment, environ: Mapping[str, str]) -> str:
    """The variable that tells where its provider is, where one is set."""
    return next((name for name in deployment.provider.base_names if environ.get(name, "").strip()), "")


def new_base(deployment: Deployment, base: str, environ: Mapping[str, str]) -> str:
    """What to write so that a deployment goes to that base."""
    if from_environment(deployment):
        names = deployment.provider.base_names
        variable = base_variable(deployment, environ) or (names[0] if names else "api_base")
        return f"set `{variable}={base}`"
    if variable := base_variable(deployment, environ):
        return f"set `{variable}={base}`, or write `api_base: {base}` beside the model ({deployment.where})"
    return f"write `api_base: {base}` beside the model ({deployment.where})"


def setting(deployment: Deployment, line: str, base: str, environ: Mapping[str, str]) -> str:
    """What to write so that `line` (`plan: coding`) holds of a deployment: itself, where that decides the address; else
    the address is to be changed to `base`."""
    if from_environment(deployment) or not _by_row(deployment, environ):
        return new_base(deployment, base, environ)
    return f"write `{line}` beside the model ({deployment.where})"


def from_environment(deployment: Deployment) -> bool:
    """Whether no file names it: it was made of what the environment holds."""
    return deployment.where.startswith("from ") or not deployment.where


def _by_row(deployment: Deployment, environ: Mapping[str, str]) -> bool:
    """Whether plan and region say where it goes: nobody wrote an address, or its variable holds a bare origin."""
    variable = base_variable(deployment, environ)
    base = environ[variable].strip() if variable else ""
    if urlsplit(base).path.strip("/"):
        return False
    try:
        ends = place(
            deployment.provider, plan=deployment.plan, region=deployment.region, api_base=base, from_environment=True
        )
    except ConfigInvalid:
        return False
    return all(wire in ends and ends[wire].base == door.base for wire, door in deployment.doors.items())


def beside(base: str, wire: Wire, plan: str) -> str:
    """The address on the same host of Z.AI's where that plan's pot pays."""
    parts = urlsplit(base)
    coding = "/api/anthropic" if wire == "anthropic" else "/api/coding/paas/v4"
    return f"{parts.scheme}://{parts.netloc}{'/api/paas/v4' if plan == 'payg' else coding}"
