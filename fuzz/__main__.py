"""python -m fuzz [--seconds 60] [--seed 1] [--input FILE …]: exits 1 on a finding, and prints how to see it again.

With `atheris` it is guided by coverage; without it, the same changes are made at random, and it says so.
"""

# ruff: noqa: T201 - a program for a terminal

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

FOUND = Path("fuzz/found")
"""Where inputs that broke something are kept."""


def main() -> int:
    """What to run, and for how long."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long to look")
    parser.add_argument("--seed", type=int, default=1, help="the same seed tries the same inputs")
    parser.add_argument("--input", nargs="*", type=Path, default=[], help="run these files instead")
    parser.add_argument("--guided", metavar="CORPUS", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.input:
        return again(asked.input)
    if asked.guided:
        guided(asked.guided, asked.seconds, asked.seed)
    if importlib.util.find_spec("atheris") is None:
        return unguided(asked.seconds, asked.seed)
    with tempfile.TemporaryDirectory(prefix="trunkline-fuzz-") as corpus:
        command = ["--guided", corpus, "--seconds", str(asked.seconds), "--seed", str(asked.seed)]
        done = subprocess.run([sys.executable, "-m", "fuzz", *command], check=False)  # noqa: S603 - ourselves
    return 1 if done.returncode else 0


def again(files: list[Path]) -> int:
    """Runs inputs that were kept."""
    from fuzz.targets import NAMES, one

    for file in files:
        data = file.read_bytes()
        print(f"{file}: {NAMES[data[0] % len(NAMES)] if data else 'nothing'}")
        one(data)
    return 0


def guided(corpus: Path, seconds: int, seed: int) -> None:
    """Looks with coverage. Never returns: libFuzzer ends the process, with a status of its own on a finding."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["trunkline.wire", "trunkline.model"]):
        from fuzz import targets
    from fuzz.mutate import varied
    from fuzz.seeds import seeds

    for nth, seed_ in enumerate(seeds()):
        (corpus / f"{nth:04d}").write_bytes(seed_)

    def change(data: bytes, most: int, seed: int) -> bytes:
        if seed % 3 == 0 or len(data) < 3:
            changed: bytes = atheris.Mutate(data, most)
            return changed
        return varied(data, random.Random(seed))[:most]  # noqa: S311

    def look(data: bytes) -> None:
        try:
            targets.one(data)
        except BaseException:
            keep(data)
            raise

    limits = [
        f"-max_total_time={seconds}",
        "-max_len=16384",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]
    FOUND.mkdir(exist_ok=True)
    atheris.Setup(
        [sys.argv[0], *limits, f"-seed={seed}", f"-artifact_prefix={FOUND}/libfuzzer-", str(corpus)],
        look,
        custom_mutator=change,
    )
    atheris.Fuzz()


def unguided(seconds: int, seed: int) -> int:
    """Looks without coverage."""
    from fuzz.mutate import varied
    from fuzz.seeds import seeds
    from fuzz.targets import one

    print("atheris is not installed: the inputs are changed at random, not guided by coverage.")
    chance, known, count = random.Random(seed), list(seeds()), 0  # noqa: S311
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = varied(chance.choice(known), chance)
        count += 1
        try:
            one(data)
        except Exception:  # noqa: BLE001 - whatever it is, it is the finding
            traceback.print_exc()
            keep(data)
            return 1
    print(f"{count} inputs, nothing found.")
    return 0


def keep(data: bytes) -> None:
    """Keeps an input that broke something, and says how to see it again."""
    FOUND.mkdir(exist_ok=True)
    file = FOUND / hashlib.sha256(data).hexdigest()[:16]
    file.write_bytes(data)
    print(f"\nFOUND: {data!r}\nsee it again: python -m fuzz --input {file}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
