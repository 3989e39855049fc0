"""The five wires as the properties see them: their codecs, and what an encoder is told besides the events."""

from __future__ import annotations

import os
from typing import get_args

from hypothesis import HealthCheck, settings

from trunkline.model.conversation import Conversation, Text, Turn
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Wire
from trunkline.wire.codec import Answering
from trunkline.wire.codecs import codec

__all__ = ["DIALECT", "WIRES", "always", "answering", "asked", "codec"]

WIRES: tuple[Wire, ...] = get_args(Wire)
always = settings(
    deadline=None, max_examples=int(os.environ.get("EXAMPLES", "40")), suppress_health_check=list(HealthCheck)
)
"""How hard a property is tried; EXAMPLES=1000 tries harder."""

DIALECT = Dialect(provider="fake", model="model-1", drop=True)
"""A provider of which nothing is known, and whose row lets go of what cannot be carried."""


def asked(wire: Wire) -> Conversation:
    """The request that an answer belongs to."""
    return Conversation(wire, "model-1", [Turn("user", [Text("hi")])], streamed=True, usage_asked=True)


def answering(wire: Wire) -> Answering:
    """What the encoder of a client's wire is told."""
    return Answering(id="0123456789abcdef", model="alias", created=1795132800, estimate=17, asked=asked(wire))
