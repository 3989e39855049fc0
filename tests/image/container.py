"""A container of the rehearsed image, and its neighbour that asks it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.image.rehearsal import Image
from tests.wall.asking import until

MAY = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("unshare") and shutil.which("ip")
rehearsed = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not MAY and not os.environ.get("CI"), reason="a rehearsal of the image needs Linux, root, unshare and ip"
    ),
]

NEAR, FAR, INSIDE = "10.201.7.1", "10.202.7.1", "10.201.7.2"
"""Addresses: of a neighbour in the container's network, of somebody in another one, of the container."""


class Container:
    """A running entry point; what it printed so far; ended by SIGTERM, as an engine does it."""

    def __init__(
        self, image: Image, command: Sequence[str] | None, env: Mapping[str, str], log: Path, netns: str = ""
    ) -> None:
        self._log = log
        with log.open("w") as out:
            self.process = image.start(command, env, netns=netns, stdout=out, stderr=subprocess.STDOUT)

    def __enter__(self) -> Container:
        until(lambda: "listens on" in self.told or self.process.poll() is not None, what="for the banner", within=30)
        assert self.process.poll() is None, self.told
        return self

    def __exit__(self, *_: object) -> None:
        assert self.stop() == 0, self.told
        assert "Traceback" not in self.told

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    @property
    def told(self) -> str:
        return self._log.read_text()


def ask(url: str, body: Any = None, source: str = "") -> tuple[int, Any]:
    """One request with curl: it can choose the address that it comes from."""
    words = ["curl", "-s", "--max-time", "20", "-w", "\n%{http_code}", url]
    words += ["--interface", source] if source else []
    words += ["-H", "content-type: application/json", "-d", json.dumps(body)] if body is not None else []
    text, _, status = subprocess.run(words, capture_output=True, text=True, check=True).stdout.rpartition("\n")
    return int(status), json.loads(text)
