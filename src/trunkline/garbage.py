"""When Python looks for garbage: seldom while a process starts, and never again at what is there by then.

A start makes very many objects and drops few: at Python's usual pace it looks through them a hundred times, which is a
tenth of the start. Once a gateway serves, a full look at all that its modules hold would keep every request waiting.
"""

from __future__ import annotations

import gc

_usual = gc.get_threshold()
_SELDOM = 50_000
"""New objects between two looks; usually 700."""


def starting() -> None:
    """From now on it is looked for seldom."""
    gc.set_threshold(_SELDOM, *_usual[1:])


def started() -> None:
    """What is there stays; among what comes it is looked as usual."""
    gc.freeze()
    gc.set_threshold(*_usual)
