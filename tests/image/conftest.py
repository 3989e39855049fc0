"""What the tests of the image share: a network that a container is in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.image.container import FAR, INSIDE, NEAR


@pytest.fixture
def network() -> Iterator[str]:
    """A network namespace with one neighbour, this machine, which has an address of another network too."""
    name, outer, inner = f"tl-{os.getpid()}", f"tlo{os.getpid()}", f"tli{os.getpid()}"

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    ip("netns", "add", name)
    try:
        ip("link", "add", outer, "type", "veth", "peer", "name", inner)
        ip("link", "set", inner, "netns", name)
        ip("addr", "add", f"{NEAR}/24", "dev", outer)
        ip("addr", "add", f"{FAR}/32", "dev", outer)
        ip("link", "set", outer, "up")
        ip("-n", name, "addr", "add", f"{INSIDE}/24", "dev", inner)
        ip("-n", name, "link", "set", inner, "up")
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "route", "add", "default", "via", NEAR)
        yield name
    finally:
        ip("netns", "del", name)
        subprocess.run(["ip", "link", "del", outer], capture_output=True)
