"""What an attempt writes down: a hold before it leaves, a row when it ends. Fills the plain records of `state`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trunkline.errors import Failure
from trunkline.ledger.price import price_row
from trunkline.model.usage import Usage
from trunkline.model.wires import FREE
from trunkline.route.plan import Candidate
from trunkline.state.store import HoldRef
from trunkline.state.types import Cap, Hold, Meter, Progress, Row
from trunkline.upstream.call import Call
from trunkline.upstream.profile import Profile
from trunkline.upstream.redact import kept, shortened
from trunkline.wire.body import Body


class Books(Protocol):
    """Where holds and rows go: the shared hot state."""

    def hold(self, hold: Hold, counts: Sequence[Meter] = (), budgets: Sequence[Cap] = ()) -> HoldRef: ...
    def open_balances(self, opened: Mapping[bytes, int]) -> None: ...
    def balances(self, budgets: Sequence[Cap]) -> list[tuple[int, int] | None]: ...
    def note(self, ref: HoldRef, progress: Progress) -> None: ...
    def settle(self, ref: HoldRef, row: Row, tokens: int | None = None) -> Sequence[tuple[Cap, int]]: ...


_ON_ITS_WAY = 256
"""Output tokens that may be under way when a connection ends."""
_THOUGHT = 250
"""Output tokens that a model may make in a second: most make 50 to 150."""


@dataclass(slots=True)
class Record:
    """What becomes known of one attempt while it runs."""

    call: Call
    candidate: Candidate
    profile: Profile
    number: int
    started: float
    estimate: int
    """Input tokens, guessed for this model."""
    usage: Usage = field(default_factory=Usage)
    status: int = 0
    reached: bool = True
    """False when it is certain that the provider never saw the request."""
    outcome: str = "ok"
    stop: str = ""
    model: str = ""
    first_token: float = 0.0
    """Seconds from the request's arrival."""
    since: float = 0.0
    """When this attempt began, in the same seconds."""
    worst: int = 0
    """The most it may cost at list price, nano-dollars; 0 where it counts on no budget."""
    held: int = 0
    """What of that its budgets held."""
    most_input: int = 0
    most_output: int = 0
    """Tokens that `worst` reckons with."""
    served: tuple[str, ...] = ()
    """How it was asked to be served: what an answer that does not say so is charged as."""
    estimated: bool = False
    billed: int = 0
    value: int = 0
    priced: bool = False
    settled: bool = False
    kind: str = ""
    """What kind of failure ended it; empty when none did."""
    why: str = ""
    """Why this deployment is asked: one phrase."""
    said: str = ""
    """The failure's sentence, as it may be kept."""
    after_group: str = ""
    """The group of the attempt before this one; empty for the first."""
    resumed: bool = False
    """It goes on with a stream that another attempt began."""
    dropped: int = 0
    """Events that were left out, since nobody can read them."""
    repairs: list[str] = field(default_factory=list)
    """What had to be mended for the provider to accept the request, or for the client to read the answer."""

    @property
    def attempt(self) -> str:
        """Unique for ever: the request's id and the number of the attempt."""
        return f"{self.call.id}-{self.number}"

    @property
    def tokens(self) -> int:
        """Tokens in and out, as far as they are known."""
        used = self.usage.whole
        return used.prompt + (used.output or 0)

    def hold(self) -> Hold:
        """What is written down before the request leaves."""
        call, candidate = self.call, self.candidate
        return Hold(
            attempt=self.attempt,
            request=call.id,
            started=self.started,
            asked=call.asked,
            group=candidate.group,
            deployment=candidate.deployment.id,
            provider=candidate.deployment.provider.name,
            model=candidate.model,
            wire=candidate.wire,
            operation=call.operation,
            key=call.caller.key,
            session=call.session,
            user=call.user,
            tags=call.tags,
            streamed=call.streamed,
            estimate_input=0 if call.operation in FREE else self.estimate,
            worst=self.worst,
            why=self.why,
        )

    def failed(self, failure: Failure, key: str) -> None:
        """Keeps what went wrong. `key` is the provider's, which must not be kept."""
        self.outcome = failure.code
        self.kind = failure.kind
        call = self.call
        failure.kept = kept(failure.message, call.body.raw, (key,), (call.asked, self.candidate.model))
        self.said = shortened(f"{failure.kept} {failure.remedy}".strip())

    def price(self, output_at_least: int, silent: float = 0.0) -> None:
        """Settles what was used: the provider's numbers, or, where it told none, an upward estimate from what was seen.

        `output_at_least` is that estimate for the output, `silent` the seconds before any of it was seen. A request
        that was refused, never arrived or is free used nothing; one that may have arrived without an answer is in
        doubt, and doubt is settled upward.
        """
        if self.settled:
            return
        self.settled = True
        usage = self.usage
        if not self.reached or self.status >= 400 or self.call.operation in FREE:
            usage.input, usage.output = usage.input or 0, usage.output or 0
        elif not usage.known or usage.estimated:
            self.estimated = True
            usage.served = usage.served or self.served
            if usage.input is None:
                usage.input = self.most_input or self.estimate
            if usage.output is None:
                usage.output = self._doubtful(output_at_least, silent) if self.worst else output_at_least
        self.billed, self.value, self.priced = price_row(usage, self.profile.price, self.candidate.deployment.plan)
        if self.estimated and self.worst:
            self.billed, self.value = min(self.billed, self.worst), min(self.value, self.worst)

    def _doubtful(self, seen: int, silent: float) -> int:
        """Output tokens that a provider may bill of an answer whose end nobody saw, where a budget counts on it: what
        was seen and half of that, what may be on its way, and what it may have thought in silence. Of an answer in the
        background all that it may have: its provider goes on with it whoever listens."""
        body = self.call.body
        if (
            self.call.operation == "responses"
            and isinstance(body, Body)
            and bytes(body.members.get("background", b"")) == b"true"
        ):
            return self.most_output
        return min(self.most_output, seen + seen // 2 + _ON_ITS_WAY + int(max(0.0, silent) * _THOUGHT))

    @property
    def overrun(self) -> int:
        """Nano-dollars that were charged above the hold: its bound was too low."""
        counts_value = self.call.snapshot.extras.budget_count == "value"
        return max(0, (self.value if counts_value else self.billed) - self.held) if self.held else 0

    @property
    def waited(self) -> float:
        """Seconds from this attempt's beginning to its first word; 0 when none came."""
        return max(0.0, self.first_token - self.since)

    def row(self, ended: float) -> Row:
        """The ledger's row. `price` comes first."""
        call, candidate, usage = self.call, self.candidate, self.usage.whole
        return Row(
            attempt=self.attempt,
            request=call.id,
            started=self.started,
            ended=ended,
            first_token=self.waited,
            asked=call.asked,
            group=candidate.group,
            deployment=candidate.deployment.id,
            provider=candidate.deployment.provider.name,
            model=self.model or candidate.model,
            wire=candidate.wire,
            operation=call.operation,
            status=self.status,
            outcome=self.outcome,
            stop=self.stop,
            key=call.caller.key,
            session=call.session,
            user=call.user,
            tags=call.tags,
            streamed=call.streamed,
            input=usage.input or 0,
            cache_read=usage.cache_read,
            cache_write=usage.cache_write + usage.cache_write_1h,
            output=usage.output or 0,
            reasoning=usage.reasoning,
            billed=self.billed,
            value=self.value,
            priced=self.priced,
            estimated=self.estimated,
            why=self.why,
            said=self.said,
        )
