"""One request on its way: what it is, who asks, what was decided about it. Lives as long as the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from trunkline.config.schema import Snapshot
from trunkline.guard.grant import EndUser, Limit
from trunkline.guard.keys import Caller
from trunkline.model.conversation import Conversation
from trunkline.model.wires import Operation, Wire
from trunkline.route.wishes import NO_WISHES, Wishes
from trunkline.state.types import Seen
from trunkline.upstream.line import Line
from trunkline.upstream.watchdog import Watchdog
from trunkline.wire.body import Body
from trunkline.wire.form import Form


class Client(Protocol):
    """The client's side of a request: where the answer goes."""

    started: bool
    """True once status and headers were sent."""
    committed: bool
    """True once bytes of an answer were sent: nothing else may be tried in its place."""
    gone: bool
    """True once the client closed its connection."""
    opaque: bool
    """True while bytes flow that no error event can follow."""

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None: ...
    async def send(self, piece: bytes) -> None: ...
    async def finish(self, piece: bytes = b"") -> None: ...


class Home(NamedTuple):
    """The name under which a session's home is kept, whether the client named the session, and the deployment.

    `at` None: not known yet; empty: nowhere, since no cache was seen.
    """

    name: str
    named: bool
    at: str | None


@dataclass(slots=True)
class Call:
    """What one request asks. `id` is `x-litellm-call-id`; `began` is loop time, `started` unix time."""

    id: str
    snapshot: Snapshot
    operation: Operation
    wire: Wire
    tail: str
    """The path under the wire's base: `/chat/completions`."""
    query: str
    headers: list[tuple[bytes, bytes]]
    body: Body | Form
    asked: str
    streamed: bool
    caller: Caller
    started: float
    began: float
    estimate: int
    """Input tokens, guessed from the body's size."""
    method: str = "POST"
    session: str = ""
    user: str = ""
    tags: tuple[str, ...] = ()
    own_key_at: str = ""
    """The provider that a caller's own key is for: the first that is asked. No other is shown it."""
    conversation: Conversation | None = None
    """The request read, once a provider of another wire is asked."""
    steps: list[str] = field(default_factory=list)
    """What was tried, in words: the route header, the log and `explain` print these."""
    wishes: Wishes = NO_WISHES
    """What the request asks of its own way: retries, time-outs, fallbacks."""
    why: str = ""
    """Why the deployment that is asked now was chosen."""
    asked_group: str = ""
    """The group that was asked last."""
    others: bool = False
    """Whether somebody else could be asked if the present one gave no answer in time."""
    fallbacks: int = 0
    """How many groups were gone on to."""
    spoke: Callable[[], None] | None = None
    """Told when the provider that is asked now has said something: a probe has its verdict then, not at the end."""
    home: Home | None = None
    """Where the session is at home; None where its group has no choice."""
    deadline: Watchdog | None = None
    """Ends the whole call, where the configuration sets a deadline."""
    line: Line | None = None
    """What the client's stream has been given, once it has: what a continuation goes on from."""
    lost: set[str] = field(default_factory=set)
    """Members that were not sent, since the model refuses them."""
    end: EndUser | None = None
    """What is known of the end user."""
    limits: tuple[Limit, ...] = ()
    """Limits of whoever asks: of the key, its user, its team, the end user."""
    counted: bool = False
    """Whether it counts as a request of the minute already: attempts after the first do not."""
    seen: Seen | None = None
    """What its counts came to when it was let through."""
    rates: Callable[[], list[tuple[bytes, bytes]]] | None = None
    """The headers that tell how much of those limits is left."""
    fit: str = ""
    """How the output limit was fitted to a budget, in words; empty: it was not."""
    budget_until: float = 0.0
    """Loop time until which it waits for budgets that live holds fill, all attempts together; 0: it did not have to."""
    whole_budget: bool = False
    """What is beyond a `fallback_at` may be spent: no fallback could answer."""
    loop: str = ""
    """What shows that an agent runs away, for the header."""
    because: str = ""
    """Why nobody else could be asked; it stands behind the name in the route header."""

    @property
    def route(self) -> str:
        """What was tried, for the header."""
        return " > ".join(self.steps)
