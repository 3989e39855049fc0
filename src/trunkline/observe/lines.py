"""What the standard library's loggers say, as the same kind of line that a request has."""

from __future__ import annotations

import logging
import sys
import time


class LineFormatter(logging.Formatter):
    """`time level logger message`, and the trace of a defect below it."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        text = f"{stamp} {record.levelname.lower()} {record.name.removeprefix('trunkline.')} {record.getMessage()}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def set_up_logging(level: str) -> None:
    """To standard error, from now on; in place of what was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
