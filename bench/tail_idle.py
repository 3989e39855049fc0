"""A gateway whose books write nothing: what `bench.tail` measures the books against. Never for service."""

from __future__ import annotations

from typing import Any

from trunkline.cli.main import main
from trunkline.state.store import HoldRef, State

_REF = HoldRef(b"", seen=(0.0, {}))


def _hold(*_: Any, **__: Any) -> HoldRef:
    return _REF


def _nothing(*_: Any, **__: Any) -> tuple[()]:
    return ()


def _idle() -> None:
    for name, instead in (("hold", _hold), ("note", _nothing), ("settle", _nothing)):
        setattr(State, name, instead)


if __name__ == "__main__":
    _idle()
    main()
