"""What the SDK says of its work: `trunkline.set_verbose = True`, `turn_on_debug()`, `LITELLM_LOG=DEBUG`."""

from __future__ import annotations

import logging
import sys

_log = logging.getLogger("trunkline")
_MINE = "trunkline-sdk"


def turn_on_debug() -> None:
    """Writes each call, each attempt and what became of it to standard error. No key and no message is among it."""
    _log.setLevel(logging.DEBUG)
    if not any(handler.name == _MINE for handler in _log.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.set_name(_MINE)
        handler.setFormatter(logging.Formatter("%(asctime)s trunkline %(levelname)s %(message)s"))
        _log.addHandler(handler)
        _log.propagate = False


def turn_off_debug() -> None:
    """Back to warnings only."""
    _log.setLevel(logging.NOTSET)
    _log.propagate = True
    for handler in [handler for handler in _log.handlers if handler.name == _MINE]:
        _log.removeHandler(handler)
