"""`python -m tests.fake --port 0` prints the fake provider's URL as one line and serves until it is ended."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from tests.fake import GOOD_KEY, FakeProvider


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--key", action="append", help=f"a good key, may be repeated (default {GOOD_KEY})")
    parser.add_argument("--any-key", action="store_true", help="take any key")
    parser.add_argument("--ollama", action="store_true", help="pose as Ollama: its copies of the other wires, no keys")
    given = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    keys = None if given.any_key else tuple(given.key or [GOOD_KEY])
    with FakeProvider(port=given.port, keys=keys, ollama=given.ollama) as fake:
        sys.stdout.write(f"{fake.url}\n")
        sys.stdout.flush()
        ended.wait()


main()
