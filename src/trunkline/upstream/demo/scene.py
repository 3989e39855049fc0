"""What a wire of the demo needs beside the request's members. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.upstream.demo.ask import Ids
from trunkline.upstream.demo.fields import Body


@dataclass(slots=True, frozen=True)
class Scene:
    """One request on its way to a wire: `now` is Unix seconds, `delay` the rest between a stream's pieces."""

    body: Body
    ids: Ids
    now: float
    delay: float
