"""What every wire makes of a stream that left in its provider's own bytes: an encoder that goes on where they end."""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.model.events import Event
from trunkline.wire.codec import Encoder


@dataclass(slots=True)
class Adopted:
    """`encoder` is in the state that the client's stream is in; `events` are what that stream said so far.

    `bridge` goes out before anything else: it closes what only the provider's own encoder could have closed.
    `called`: a call has begun, of which the client has at least a part.
    """

    encoder: Encoder
    events: list[Event]
    bridge: bytes = b""
    called: bool = False
