"""The codecs by wire. Each is imported when it is first needed: same-wire traffic needs none."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from trunkline.model.wires import Wire
from trunkline.wire.codec import Codec


@lru_cache
def codec(wire: Wire) -> Codec:
    """The codec of a wire."""
    found: Codec = import_module(f"trunkline.wire.{wire}.codec").CODEC
    return found
