"""What providers mean by their errors: a code, a wording or a status → its kind, and how a person mends it.

A remedy may name `{key}` (where the key came from), `{provider}`, `{page}` (where keys are made) and `{model}`. What
follows from a kind is `route/kinds.py`.

Sources, read 2026-11 unless said otherwise: docs.z.ai/api-reference/api-code (2026-01, newer codes from reports of
2026-08 and 2026-09); platform.openai.com/docs/guides/error-codes; platform.claude.com/docs/en/api/errors;
ai.google.dev/gemini-api/docs/troubleshooting; api-docs.deepseek.com/quick_start/error_codes;
kimi.com/help/kimi-api/api-error-codes and kimi.com/code/docs (error reference); openrouter.ai/docs/errors;
learn.microsoft.com on Azure OpenAI's content filter; ggml-org/llama.cpp#15780; lmstudio-ai/lmstudio-bug-tracker#237,
#2322; ollama/ollama#15934; continuedev/continue#6185 (Mistral).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.errors import Kind, Rest


@dataclass(frozen=True, slots=True)
class Fault:
    """`rest` is set where this provider's limit is another's than its kind says: a key's instead of a model's."""

    kind: Kind
    remedy: str = ""
    rest: Rest | None = None


_CHECK_KEY = "Check {key}: {provider} does not accept that key. Keys are made at {page}."
_NO_CREDIT = "The account behind {key} has no credit left."
_NO_MODEL = "{provider} knows no such model for the key in {key}."
_LIMITED = "{provider} limits how much the key in {key} may ask; try again later or add a deployment."
_TOO_LONG = "Shorten or compact the conversation, or ask a model that holds more."
_FILTERED = "{provider}'s content filter refused it: change what is asked, or set `content_policy_fallbacks`."

_ZAI_POT = (
    "Which pot pays at Z.AI is decided by the address: the key in {key} has nothing at this one. A Coding Plan key "
    "needs `plan: coding` (api.z.ai/api/coding/paas/v4 or api.z.ai/api/anthropic), a prepaid one `plan: payg` "
    "(api.z.ai/api/paas/v4)."
)


def _rows(*groups: tuple[str, Fault]) -> dict[str, Fault]:
    return {code: found for codes, found in groups for code in codes.split()}


_ZAI = _rows(
    ("1000 1001 1002 1003 1004 1100", Fault("auth", _CHECK_KEY)),
    ("1110 1111 1112 1120 1121", Fault("auth", "The account behind {key} is inactive or locked: see {page}.")),
    ("1113 1309", Fault("billing", _ZAI_POT)),
    ("500 1200 1230 1234", Fault("server", "Z.AI failed; try again.")),
    ("1302 1303", Fault("rate", "Z.AI is busy; try again shortly, with fewer requests at once.", "key")),
    ("1305", Fault("busy", "Z.AI is busy; try again shortly, with fewer requests at once.")),
    ("1304 1308 1310", Fault("quota", "The plan's limit is used up; the message says when it resets.")),
    ("1311", Fault("missing", "The Coding Plan behind {key} does not include this model.")),
    ("1313", Fault("quota", "Z.AI restricts this account for its way of use; see its usage policy.")),
    ("1312 1314 1315 1316 1317 1318 1319 1320 1321", Fault("quota", "The plan behind {key} does not allow this now.")),
    ("1211 1222", Fault("missing", "Z.AI knows no such model: check the name after `zai/`.")),
    ("1220 1221", Fault("missing", "Z.AI does not offer this to the key in {key}.")),
    ("1261", Fault("window", "The conversation is longer than this model's window.")),
    ("1300 1301", Fault("policy", _FILTERED)),
    ("1210 1212 1213 1214 1215 1231", Fault("caller")),
)

_NONE: Mapping[str, Fault] = {}

_PROVIDERS: Mapping[str, Mapping[str, Fault]] = {
    "zai": _ZAI,
    "bigmodel": _ZAI,
    "gemini": _rows(
        ("RESOURCE_EXHAUSTED", Fault("rate", _LIMITED)),
        ("UNAVAILABLE", Fault("busy")),
        ("DEADLINE_EXCEEDED INTERNAL UNKNOWN", Fault("server")),
        ("FAILED_PRECONDITION", Fault("billing", "Gemini needs billing for the project of {key}: see {page}.")),
        ("UNAUTHENTICATED PERMISSION_DENIED", Fault("auth", _CHECK_KEY)),
        ("NOT_FOUND", Fault("missing", _NO_MODEL)),
    ),
    "openrouter": _rows(
        ("403", Fault("policy", _FILTERED)),
        ("503", Fault("busy", "OpenRouter finds no provider for this model and these requirements now.")),
    ),
    "moonshot": _rows(
        ("exceeded_current_quota_error 403", Fault("billing", _NO_CREDIT)),
        ("engine_overloaded_error", Fault("busy")),
        ("rate_limit_reached_error", Fault("rate", _LIMITED, "key")),
        ("content_filter", Fault("policy", _FILTERED)),
    ),
    "ollama": _rows(("404", Fault("missing", "If Ollama lacks this model, `trunkline pull {model}` loads it."))),
    "mistral": _rows(("service_tier_capacity_exceeded 3505", Fault("busy"))),
    "azure": _rows(
        ("DeploymentNotFound", Fault("missing", "Azure has no deployment of that name: it stands after `azure/`.")),
        ("ResponsibleAIPolicyViolation", Fault("policy", _FILTERED)),
    ),
}
"""Provider → its own code, else its status → what it means there."""

_ANY = _rows(
    ("insufficient_quota billing_error billing_not_active billing_hard_limit_reached", Fault("billing", _NO_CREDIT)),
    ("invalid_api_key authentication_error account_deactivated", Fault("auth", _CHECK_KEY)),
    ("permission_error", Fault("auth", "{provider} does not allow this to the key in {key}.")),
    ("model_not_found not_found_error", Fault("missing", _NO_MODEL)),
    ("context_length_exceeded exceed_context_size_error string_above_max_length", Fault("window", _TOO_LONG)),
    ("content_filter content_policy_violation ResponsibleAIPolicyViolation", Fault("policy", _FILTERED)),
    ("rate_limit_exceeded rate_limit_error", Fault("rate", _LIMITED)),
    ("overloaded overloaded_error slow_down server_is_overloaded engine_overloaded unavailable_error", Fault("busy")),
    ("insufficient_system_resource", Fault("busy")),
    ("api_error server_error internal_error network_error", Fault("server")),
    ("timeout_error", Fault("server")),
    (
        "sdk_failed",
        Fault("missing", "LiteLLM's SDK could not ask it: docs.litellm.ai/docs/providers says what that prefix needs."),
    ),
    ("invalid_request_error request_too_large", Fault("caller")),
    (
        "sdk_failed",
        Fault("missing", "LiteLLM's SDK could not ask it: docs.litellm.ai/docs/providers says what that prefix needs."),
    ),
)
"""Codes that mean the same wherever they are seen: OpenAI's, Anthropic's, and of servers that speak as they do."""

WINDOW = re.compile(
    r"context_length_exceeded|maximum context length|prompt is too long|input length and `max_tokens` exceed|"
    r"exceeds the context window|context window limit|input token count.*exceeds|exceed_context_size_error|"
    r"longer than the context length|exceeds the available context|context size has been exceeded|"
    r"tokens when context the overflows|prompt contains \d+ tokens|input is too long for|"
    r"too many tokens(?! per)|\b1261\b",
    re.IGNORECASE | re.DOTALL,
)
"""How providers say that a conversation is too long (their documentation and reports of 2026)."""

_WORDINGS: tuple[tuple[frozenset[int], re.Pattern[str], Fault], ...] = (
    (frozenset({400, 413, 422, 500, 502}), WINDOW, Fault("window", _TOO_LONG)),
    (
        frozenset({400, 403, 422, 500}),
        re.compile(
            r"content management policy|content[ _]policy|ResponsibleAIPolicy|content[ _]filter|"
            r"safety (?:system|reasons|policy)|flagged (?:as|for|by)|moderation|inappropriate content|"
            r"unsafe or sensitive content|DataInspectionFailed|considered high risk",
            re.IGNORECASE,
        ),
        Fault("policy", _FILTERED),
    ),
    (
        frozenset({400, 403, 429}),
        re.compile(
            r"credit balance is too low|insufficient balance|no resource package|billing (?:details|hard limit)|"
            r"out of credits|insufficient (?:credits|funds)|account (?:is )?suspended|spend(?:ing)? limit",
            re.IGNORECASE,
        ),
        Fault("billing", _NO_CREDIT),
    ),
    (
        frozenset({400, 403}),
        re.compile(r"API key not valid|API_KEY_INVALID|API key expired|incorrect API key", re.IGNORECASE),
        Fault("auth", _CHECK_KEY),
    ),
    (
        frozenset({403, 429}),
        re.compile(r"per ?day|daily limit|usage limit for this (?:period|billing)|reset at \d{4}-", re.IGNORECASE),
        Fault("quota", "A limit of {provider}'s for the key in {key} is used up until it resets.", "deployment"),
    ),
    (frozenset({429}), re.compile(r"overloaded|tier capacity", re.IGNORECASE), Fault("busy")),
    (
        frozenset({400}),
        re.compile(r"model .{0,80}(?:does not exist|not found|is not supported)|invalid model", re.IGNORECASE),
        Fault("missing", _NO_MODEL),
    ),
)
"""What a message says where no code does: statuses → wording → meaning. The first that fits counts."""

_STATUS: Mapping[int, Fault] = {
    401: Fault("auth", _CHECK_KEY),
    402: Fault("billing", _NO_CREDIT),
    403: Fault("auth", "{provider} does not allow this to the key in {key}."),
    404: Fault("missing", "{provider} knows no such model or path: check the model's name and `api_base`."),
    405: Fault("missing", "{provider} does not offer this: check `api_base`."),
    408: Fault("server"),
    409: Fault("server"),
    425: Fault("server"),
    429: Fault("rate", _LIMITED),
    501: Fault("missing", "{provider} does not offer this."),
    503: Fault("busy"),
    529: Fault("busy"),
}

_VAGUE = frozenset(
    {
        "invalid_request_error",
        "api_error",
        "server_error",
        "permission_error",
        "rate_limit_error",
        "rate_limit_exceeded",
        "RESOURCE_EXHAUSTED",
    }
)
"""Codes that say no more than a status does: the message is read before they are believed."""


def fault(provider: str, status: int, code: str, message: str = "") -> Fault:
    """What an error means: by the provider's own code, by one known everywhere, by its words, by its status."""
    own = _PROVIDERS.get(provider, _NONE)
    by_code = own.get(code) or _ANY.get(code)
    if by_code is not None and code not in _VAGUE:
        return by_code
    for statuses, wording, found in _WORDINGS:
        if status in statuses and wording.search(message):
            return found
    if (by_status := own.get(str(status))) is not None:
        return by_status
    # A vague type beside a status that means something says nothing: Mistral's 429 is the caller's, Anthropic's 503 an
    # `api_error`.
    if by_code is not None and not (by_code.kind in ("caller", "server") and status in _STATUS):
        return by_code
    return _STATUS.get(status) or Fault("server" if status >= 500 else "caller")
