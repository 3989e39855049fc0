"""What providers mean by their errors: code or status → what may be tried next, and how a person mends it.

A remedy may name `{key}` (where the key came from), `{provider}` and `{page}` (where keys are made).
Sources: docs.z.ai/api-reference/api-code (2026-01, newer codes from reports of 2026-08 and 2026-09);
platform.openai.com/docs/guides/error-codes and platform.claude.com/docs/en/api/errors (2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.errors import Retry


@dataclass(frozen=True, slots=True)
class Fault:
    """`hopeless`: the client's own retries cannot help, and it is told so."""

    retry: Retry
    remedy: str = ""
    hopeless: bool = False


_CHECK_KEY = "Check {key}: {provider} does not accept that key. Keys are made at {page}."
_ZAI_POT = (
    "Which pot pays at Z.AI is decided by the address: the key in {key} has nothing at this one. A Coding Plan key "
    "needs `plan: coding` (api.z.ai/api/coding/paas/v4 or api.z.ai/api/anthropic), a prepaid one `plan: payg` "
    "(api.z.ai/api/paas/v4)."
)
_ZAI_AUTH = Fault("other", _CHECK_KEY, hopeless=True)
_ZAI_BUSY = Fault("same", "Z.AI is busy; try again shortly, with fewer requests at once.")

_ZAI: dict[str, Fault] = {
    **dict.fromkeys(("1000", "1001", "1002", "1003", "1004", "1100"), _ZAI_AUTH),
    **dict.fromkeys(
        ("1110", "1111", "1112", "1120", "1121"),
        Fault("other", "The account behind {key} is inactive or locked: see {page}.", hopeless=True),
    ),
    "1113": Fault("other", _ZAI_POT, hopeless=True),
    "1309": Fault("other", _ZAI_POT, hopeless=True),
    **dict.fromkeys(("500", "1200", "1230", "1234"), Fault("same", "Z.AI failed; try again.")),
    **dict.fromkeys(("1302", "1303", "1305"), _ZAI_BUSY),
    **dict.fromkeys(
        ("1304", "1308", "1310"),
        Fault("other", "The plan's limit is used up; the message says when it resets.", hopeless=True),
    ),
    "1311": Fault("other", "The Coding Plan behind {key} does not include this model.", hopeless=True),
    "1313": Fault("other", "Z.AI restricts this account for its way of use; see its usage policy.", hopeless=True),
    "1211": Fault("other", "Z.AI knows no such model: check the name after `zai/`.", hopeless=True),
    "1261": Fault("never", "The conversation is longer than this model's window.", hopeless=True),
    "1231": Fault("same"),
}

_ANY: dict[str, Fault] = {
    "insufficient_quota": Fault("other", "The account behind {key} has no credit left.", hopeless=True),
    "billing_error": Fault("other", "The account behind {key} has no credit left.", hopeless=True),
    "invalid_api_key": Fault("other", _CHECK_KEY, hopeless=True),
    "model_not_found": Fault("other", "{provider} knows no such model for the key in {key}.", hopeless=True),
    "context_length_exceeded": Fault("never"),
    "sdk_failed": Fault(
        "other",
        "LiteLLM's SDK could not ask it: docs.litellm.ai/docs/providers says what that prefix needs.",
        hopeless=True,
    ),
}

_STATUS: dict[int, Fault] = {
    401: Fault("other", _CHECK_KEY, hopeless=True),
    402: Fault("other", "The account behind {key} has no credit left.", hopeless=True),
    403: Fault("other", "{provider} does not allow this to the key in {key}.", hopeless=True),
    404: Fault("other", "{provider} knows no such model or path: check the model's name and `api_base`."),
    408: Fault("same"),
    409: Fault("same"),
    425: Fault("same"),
    429: Fault("same", "{provider} limits how much the key in {key} may ask; try again later or add a deployment."),
}


def fault(provider: str, status: int, code: str) -> Fault:
    """What an error means: by the provider's own code, then by a code known everywhere, then by its status."""
    if provider in ("zai", "bigmodel") and code in _ZAI:
        return _ZAI[code]
    found = _ANY.get(code) or _STATUS.get(status)
    if found is not None:
        return found
    return Fault("same" if status >= 500 else "never")
