"""The failure tree. Every failure Trunkline can report is one class of this file.

    Failure
    ├── CallerFailure                      the request is at fault
    │   ├── InvalidRequest          400    malformed or impossible request
    │   ├── WireNotOffered          400    this model's provider does not speak the asked format
    │   ├── LoopStopped             400    an agent does the same again and again, or its session spends too fast
    │   ├── KeyMissing              401    no gateway key, or one that is not known
    │   ├── NotAllowed              403    the key, address or origin may not do this
    │   ├── UnknownPath             404    no such route
    │   ├── UnknownModel            404    no such model
    │   ├── UnknownResponse         404    no stored response of that id is known here
    │   ├── WrongMethod             405    the route exists, the method does not
    │   ├── OverLimit               429    the key, its user, its team or the end user asks for too much at once
    │   ├── TooLarge                413    body or headers over the limit
    │   └── WrongContentType        415    not JSON where JSON is needed
    ├── GatewayFailure                     this gateway, or whoever runs it, is at fault
    │   ├── ConfigInvalid           500    refuses to start; never reaches a client
    │   ├── Internal                500    a defect; the id finds it in the log
    │   ├── ProviderKeyUnset        401    no usable key for the provider is configured
    │   ├── StoreDown               503    the hot state or the ledger cannot be written
    │   ├── TooBusy                 503    over the limit of concurrent requests
    │   ├── QueueFull               429    no place at the provider in time: it lets only so many at once
    │   ├── BudgetSpent             402    a budget has no room for what the call may cost
    │   ├── BudgetShared            402    so much of a budget is spent that a fallback is asked first
    │   ├── BudgetHeld              429    it has none until calls that are under way have ended
    │   ├── Unpriced                402    the call counts on a budget, and nobody knows what the model costs
    │   ├── LimitReached            429    a deployment's `rpm` or `tpm` is used up, and nobody else can answer
    │   └── Draining                503    shutting down
    └── ProviderFailure                    the provider is at fault
        ├── ProviderRefused         as is  it answered with an error; carries that answer
        ├── ProviderUnreachable     502    no connection was made, nothing was sent
        ├── ProviderCut             502    the connection broke after the request may have been sent
        ├── ProviderGarbage         502    the answer is no answer of its format
        ├── ProviderResting         503    it failed a moment ago, and nobody else can answer
        └── ProviderTimeout         504    a time-out that is named

Each knows its HTTP status, its code, its kind, who is to blame and one sentence of remedy. Wires render them, routing
reads `kind` (`route/kinds.py` says what follows from each), logs and metrics read `code`, `kind` and `blame`. Nothing
else is ever shown to a client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

Blame = Literal["caller", "gateway", "provider"]
Kind = Literal[
    "caller",
    "window",
    "policy",
    "auth",
    "billing",
    "quota",
    "rate",
    "busy",
    "missing",
    "server",
    "timeout",
    "cut",
    "unreachable",
    "garbage",
    "budget",
    "gateway",
]
"""What sort of failure it is, whoever's words it came in.

`caller`: the request is wrong. `window`: it is longer than the model holds. `policy`: a content filter refused it.
`auth`: the key is not accepted. `billing`: nothing is left to pay with, or the wrong pot is charged. `quota`: a plan's
limit that has a time of reset. `rate`: too much at once, or in a minute. `busy`: the provider is overloaded. `missing`:
no such model or path. `server`: the provider failed. `timeout`, `cut`, `unreachable`, `garbage`: no answer came, it
broke off, no connection was made, it was none. `budget`: a budget of ours has no room. `gateway`: ours.
"""
Rest = Literal["", "key", "deployment"]
"""What is given a rest after a failure: nothing, every deployment of that key, or that one."""


class Failure(Exception):
    """What went wrong, in one sentence, and what to do about it, in another.

    `message` and `remedy` are shown to clients: they never hold a secret. `retry_after` is in seconds.
    """

    status: int = 500
    code: str = "internal_error"
    blame: ClassVar[Blame] = "gateway"
    kind: Kind = "gateway"
    rest: Rest | None = None
    """Where the provider's own rule differs from its kind's; None: as its kind has it."""
    hopeless: bool = False
    """A client's own retries cannot help: it is told so, since agents hammer a 401 for minutes."""

    limit_type: str = ""
    """Which limit is reached: `requests`, `tokens` (of a minute), `parallel` (at once) or `budget`."""

    kept: str = ""
    """The message as it may be kept and shown to other callers: without words of the request; empty: nobody made it."""

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        status: int | None = None,
        code: str | None = None,
        kind: Kind | None = None,
        retry_after: float | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.retry_after = retry_after
        self.param = param
        if status is not None:
            self.status = status
        if code is not None:
            self.code = code
        if kind is not None:
            self.kind = kind

    @property
    def sentence(self) -> str:
        """The message followed by the remedy, as a person should read them."""
        return f"{self.message} {self.remedy}".strip()


class CallerFailure(Failure):
    """The request is at fault; trying it again unchanged cannot help."""

    status = 400
    code = "invalid_request"
    blame = "caller"
    kind: Kind = "caller"
    hopeless = True


class InvalidRequest(CallerFailure):
    """Malformed or impossible: not JSON, no model, a member given twice, a type that no format allows."""


class WireNotOffered(CallerFailure):
    """The model's provider does not speak the format that was asked for."""

    code = "wire_not_offered"


class LoopStopped(CallerFailure):
    """An agent runs away, and the configuration says that it is refused."""

    code = "loop_stopped"


class KeyMissing(CallerFailure):
    """No gateway key came with the request, or one that is not known."""

    status = 401
    code = "invalid_api_key"


class NotAllowed(CallerFailure):
    """The key, the address or the page that asks may not do this."""

    status = 403
    code = "not_allowed"


class UnknownPath(CallerFailure):
    """No such route."""

    status = 404
    code = "unknown_path"


class UnknownModel(CallerFailure):
    """No deployment answers to that name."""

    status = 404
    code = "model_not_found"


class UnknownResponse(CallerFailure):
    """Nobody here knows which deployment made the response of that id."""

    status = 404
    code = "response_not_found"


class WrongMethod(CallerFailure):
    """The route exists, this method of it does not."""

    status = 405
    code = "method_not_allowed"


class OverLimit(CallerFailure):
    """A limit of the caller's (`rpm_limit`, `tpm_limit`, `max_parallel_requests`) is reached. `retry_after`: when it
    may fit."""

    status = 429
    code = "rate_limit_exceeded"
    kind: Kind = "rate"
    hopeless = False


class TooLarge(CallerFailure):
    """The body or the headers are larger than the configured limit."""

    status = 413
    code = "request_too_large"


class WrongContentType(CallerFailure):
    """The content type or coding is not one that this route reads."""

    status = 415
    code = "unsupported_media_type"


class GatewayFailure(Failure):
    """This gateway, or whoever runs it, is at fault."""


class ConfigInvalid(GatewayFailure):
    """The configuration cannot be run. Names file, line, key and remedy; the process refuses to start."""

    code = "config_invalid"


class Internal(GatewayFailure):
    """A defect of Trunkline. The client gets the request id, the log gets the rest."""


class ProviderKeyUnset(GatewayFailure):
    """The deployment that was chosen has no usable key: its variable is unset or still a placeholder."""

    status = 401
    code = "provider_key_unset"
    kind: Kind = "auth"
    hopeless = True


class StoreDown(GatewayFailure):
    """The hot state or the ledger cannot be written, so the request may not be sent."""

    status = 503
    code = "store_down"


class TooBusy(GatewayFailure):
    """More requests are in flight than this gateway was told to carry."""

    status = 503
    code = "too_busy"


class QueueFull(GatewayFailure):
    """The provider lets only so many calls at once, and the gateway's own queue for it is full or took too long."""

    status = 429
    code = "queue_full"
    kind = "rate"
    limit_type = "parallel"


class BudgetSpent(GatewayFailure):
    """What is spent leaves a budget no room for what the call may cost. Never a 429: agents hammer one."""

    status = 402
    code = "insufficient_quota"
    kind: Kind = "budget"
    limit_type = "budget"
    hopeless = True


class BudgetShared(GatewayFailure):
    """A budget's `fallback_at` is reached: a fallback is asked first. No client is told it, since the rest of the
    budget is spent once no fallback can answer."""

    status = 402
    code = "fallback_at"
    kind: Kind = "budget"


class BudgetHeld(GatewayFailure):
    """Only what live calls may still cost leaves a budget no room: it will have some when they end."""

    status = 429
    code = "budget_held"
    kind: Kind = "budget"
    limit_type = "budget"


class Unpriced(GatewayFailure):
    """The call counts on a budget, and the model's price is not known: unknown is not free."""

    status = 402
    code = "unpriced_model"
    kind: Kind = "budget"
    hopeless = True


class LimitReached(GatewayFailure):
    """A deployment's own limit (`rpm`, `tpm`) is reached, and nobody else can answer. `retry_after`: when it fits."""

    status = 429
    code = "rate_limit_exceeded"
    kind: Kind = "rate"


class Draining(GatewayFailure):
    """The process is shutting down and takes no new requests."""

    status = 503
    code = "draining"


class ProviderFailure(Failure):
    """The provider is at fault."""

    status = 502
    code = "provider_error"
    blame = "provider"
    kind: Kind = "server"


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """The provider's own error answer, as it came: for the same wire it is relayed as it is."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


class ProviderRefused(ProviderFailure):
    """The provider answered with an error. `answer` is what it said; `code` is the provider's own where it has one."""

    def __init__(
        self,
        message: str,
        *,
        answer: RefusedAnswer,
        remedy: str = "",
        code: str | None = None,
        kind: Kind | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, status=answer.status, code=code, kind=kind, retry_after=retry_after)
        self.answer = answer
        self.event = b""
        """Where it came inside a stream of which the client has a part: the event itself, for a client of that wire."""


class ProviderUnreachable(ProviderFailure):
    """No connection was made: name not found, refused, TLS not trusted, connect time-out. Nothing was sent."""

    code = "provider_unreachable"
    kind: Kind = "unreachable"


class ProviderCut(ProviderFailure):
    """The connection broke after the request may have been sent, or the answer ended before its end."""

    code = "provider_cut"
    kind: Kind = "cut"


class ProviderGarbage(ProviderFailure):
    """What came back is no answer of its format: HTML, junk, an empty stream, an error inside a 200."""

    code = "provider_garbage"
    kind: Kind = "garbage"
    inner: tuple[str, str] | None = None
    """(message, code) of the error that came with status 200, where it was one."""


class ProviderResting(ProviderFailure):
    """Every deployment that could answer failed a moment ago and rests. `kind` and message are the last failure's."""

    status = 503
    code = "provider_resting"
    kind: Kind = "busy"


class ProviderTimeout(ProviderFailure):
    """A time-out ended the wait; the message says which one and how long it is."""

    status = 504
    code = "provider_timeout"
    kind: Kind = "timeout"
