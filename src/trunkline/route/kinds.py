"""What follows from each kind of failure. The one table: retries, fallbacks and rests all read it. Data only.

`allowed_fails_policy` and `retry_policy` name sorts of errors in LiteLLM's words; the last column says which of them a
kind belongs to, the closest first (litellm/types/router.py, litellm_core_utils/get_retry_from_policy.py, 1.110.2, read
2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trunkline.errors import Kind, Rest


@dataclass(frozen=True, slots=True)
class Follows:
    """What a kind of failure means for this call, for later ones, and for the client."""

    other: Literal["no", "special", "yes"]
    """Whether another deployment may be asked. `special`: only those that hold more, or those of the fallbacks that
    are written for this kind."""
    again: bool
    """Whether the same deployment may be asked again."""
    rest: Rest = ""
    """What is given a rest."""
    at_once: bool = False
    """It rests after its first failure where others can answer; else after `allowed_fails`."""
    hopeless: bool = False
    """The client's own retries cannot help."""
    policy: tuple[str, ...] = ()
    """LiteLLM's names of it: `RateLimitError` of `RateLimitErrorRetries`."""


KINDS: Mapping[Kind, Follows] = {
    #                     other      again  rest          at once hopeless policy
    "caller": Follows("no", False, "", False, False, ("BadRequestError",)),
    "window": Follows("special", False, "", False, True, ("BadRequestError",)),
    "policy": Follows("special", False, "", False, True, ("ContentPolicyViolationError",)),
    "auth": Follows("yes", False, "key", True, True, ("AuthenticationError",)),
    "billing": Follows("yes", False, "key", True, True, ("AuthenticationError",)),
    "quota": Follows("yes", False, "key", True, True, ("RateLimitError",)),
    "rate": Follows("yes", True, "deployment", True, False, ("RateLimitError",)),
    "busy": Follows("yes", True, "deployment", False, False, ("ServiceUnavailableError", "InternalServerError")),
    "missing": Follows("yes", False, "deployment", True, True, ("NotFoundError", "BadRequestError")),
    "server": Follows("yes", True, "deployment", False, False, ("InternalServerError",)),
    "timeout": Follows("yes", False, "deployment", False, False, ("TimeoutError",)),
    "cut": Follows("yes", True, "deployment", False, False, ("InternalServerError",)),
    "unreachable": Follows("yes", True, "deployment", False, False, ("InternalServerError",)),
    "garbage": Follows("yes", True, "deployment", False, False, ("InternalServerError",)),
    "budget": Follows("yes", False, "", False, False),
    "gateway": Follows("no", False, "", False, False),
}


def by_sort(policy: Mapping[str, int], kind: Kind, status: int, ending: str) -> int | None:
    """What a policy says of a failure, by its closest sort; None where it says nothing.

    `ending`: `Retries` or `AllowedFails`. A 502 is a bad gateway's before it is a server's. `DefaultRetries` is for
    what another attempt may help.
    """
    sorts = KINDS[kind].policy
    if kind == "server" and status == 502:
        sorts = ("BadGatewayError", *sorts)
    names = (*sorts, "Default") if KINDS[kind].again or kind == "timeout" else sorts
    return next((policy[f"{name}{ending}"] for name in names if f"{name}{ending}" in policy), None)
