"""Finding a running Trunkline and being sure that it is one. Sends no key to anything that has not proved itself.

The order: an address that the person gave (`--url`, `TRUNKLINE_URL`), the usual one on this machine, one that an
earlier launcher started. Starting one is `launch.py`'s.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit

from trunkline.cli.ask import Answer, NoAnswer, ask, bearer, is_loopback
from trunkline.config.home import home_of
from trunkline.errors import ConfigInvalid

USUAL = "http://127.0.0.1:4000"
KEY_NAMES = ("TRUNKLINE_API_KEY", "LITELLM_MASTER_KEY")
Standing = Literal["proved", "claims", "stranger", "silent"]
"""`claims`: it says that it is Trunkline but has not proved it. `stranger`: something else listens there."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that may be used: its address without a trailing slash, and the key it is to be asked with."""

    url: str
    key: str = field(default="", repr=False)
    ours: bool = False
    """A launcher started it, and it ends with its last client."""


def standing(url: str, environ: Mapping[str, str], *, timeout: float = 2.0, verify: bool = True) -> Standing:
    """What listens at an address, by `/health` and `/health/proof`. No key is sent."""
    try:
        health = ask(f"{url}/health", timeout=timeout, verify=verify)
    except NoAnswer:
        return "silent"
    if not isinstance(health.json, dict) or health.json.get("service") != "trunkline":
        return "stranger"
    return "proved" if _proves(url, environ, timeout, verify) else "claims"


def _proves(url: str, environ: Mapping[str, str], timeout: float, verify: bool) -> bool:
    from trunkline.serve import proof

    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    nonce = secrets.token_hex(24)
    try:
        secret = proof.secret_of(home_of(environ))
        answer = ask(f"{url}/health/proof?nonce={nonce}", timeout=timeout, verify=verify)
    except (NoAnswer, OSError):
        return False
    given = answer.json.get("proof") if isinstance(answer.json, dict) else None
    return answer.status == 200 and proof.holds(secret, nonce, port, given)


def tidy(url: str) -> str:
    """An address as the rest of the house wants it: with a scheme, without a trailing slash or `/v1`."""
    url = url.strip()
    if "://" not in url:
        url = f"http://{url}"
    url = url.rstrip("/").removesuffix("/v1").rstrip("/")
    parts = urlsplit(url)
    try:
        known = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known or parts.scheme not in ("http", "https"):
        raise ConfigInvalid(f"{url!r} is no address of a gateway.", remedy="Give it as http://host:port.")
    return url


def gateway_key(given: str | None, environ: Mapping[str, str]) -> str:
    """The key that a running gateway is asked with: `--key`, then `TRUNKLINE_API_KEY`, then `LITELLM_MASTER_KEY`."""
    return given or next((environ[name].strip() for name in KEY_NAMES if environ.get(name, "").strip()), "")


def named(url: str | None, key: str | None, environ: Mapping[str, str]) -> Gateway | None:
    """The gateway that the person named; None when none was. Raises ConfigInvalid when nothing fit is there."""
    address = url or environ.get("TRUNKLINE_URL", "")
    if not address.strip():
        return None
    address = tidy(address)
    if not url and not is_loopback(address) and address.startswith("http://"):
        raise ConfigInvalid(
            f"TRUNKLINE_URL is {address}: keys and prompts would cross the network readable by others.",
            remedy=f"Use https, or insist with `--url {address}`.",
        )
    found = standing(address, environ, timeout=10.0)
    if found == "silent":
        raise ConfigInvalid(
            f"Nothing answers at {address}.", remedy="Start it there (`trunkline serve`), or mend the address."
        )
    if found == "stranger":
        raise ConfigInvalid(
            f"What answers at {address} is not Trunkline: its /health does not say so.",
            remedy="Mend the address; no key was sent there.",
        )
    return Gateway(address, gateway_key(key, environ))


def usual(key: str | None, environ: Mapping[str, str]) -> tuple[Gateway | None, str]:
    """The gateway at the usual address if it proves to be one, and a remark when something is there that does not."""
    found = standing(USUAL, environ)
    if found == "proved":
        return Gateway(USUAL, gateway_key(key, environ)), ""
    if found == "claims":
        return None, (
            f"Something at {USUAL} says that it is Trunkline but cannot prove it (it may run in a container, or as "
            f"another user): no key was sent there. `--url {USUAL}` uses it all the same."
        )
    return None, ""


def models(gateway: Gateway, *, timeout: float = 10.0) -> list[str]:
    """The model names it offers, in its order. Raises ConfigInvalid with a remedy when it will not tell."""
    try:
        answer = ask(f"{gateway.url}/v1/models", headers=bearer(gateway.key), timeout=timeout)
    except NoAnswer as silent:
        raise ConfigInvalid(
            f"{gateway.url} does not tell its models: {silent}.", remedy="Try `trunkline doctor`."
        ) from silent
    if answer.status in (401, 403):
        raise ConfigInvalid(
            f"{gateway.url} does not accept {'this key' if gateway.key else 'a call without a key'}.",
            remedy=f"Give its key with --key, or in {' or '.join(KEY_NAMES)}.",
        )
    return _ids(answer, gateway.url)


def answers_to(gateway: Gateway, model: str, *, timeout: float = 10.0) -> bool:
    """Whether it takes a name that it may not list: a pattern such as `claude-*` covers more than a list can hold."""
    try:
        answer = ask(f"{gateway.url}/v1/models/{quote(model)}", headers=bearer(gateway.key), timeout=timeout)
    except NoAnswer:
        return False
    return answer.status == 200


def _ids(answer: Answer, url: str) -> list[str]:
    listed = answer.json.get("data") if isinstance(answer.json, dict) else None
    if answer.status != 200 or not isinstance(listed, Sequence):
        raise ConfigInvalid(f"{url}/v1/models answered {answer.status}, and no list.", remedy="Try `trunkline doctor`.")
    return [row["id"] for row in listed if isinstance(row, dict) and isinstance(row.get("id"), str)]
