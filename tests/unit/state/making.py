"""Holds and rows for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from trunkline.state.types import Count, Hold, Meter, Progress, Row


def hold(attempt: str, **more: object) -> Hold:
    fields: dict[str, object] = {
        "attempt": attempt,
        "request": attempt.rpartition("-")[0],
        "started": 1_795_000_000.0,
        "asked": "glm",
        "group": "glm",
        "deployment": "d1",
        "provider": "zai",
        "model": "glm-5.3",
        "wire": "anthropic",
        "operation": "messages",
        "estimate_input": 100,
        **more,
    }
    return Hold(**fields)  # type: ignore[arg-type]


def row(attempt: str, **more: object) -> Row:
    fields: dict[str, object] = {
        "attempt": attempt,
        "request": attempt.rpartition("-")[0],
        "started": 1_795_000_000.0,
        "ended": 1_795_000_001.5,
        "first_token": 0.25,
        "asked": "glm",
        "group": "glm",
        "deployment": "d1",
        "provider": "zai",
        "model": "glm-5.3",
        "wire": "anthropic",
        "operation": "messages",
        "status": 200,
        "outcome": "ok",
        "stop": "end_turn",
        "key": "master",
        "session": "",
        "user": "",
        "tags": ("a", "b"),
        "streamed": True,
        "input": 10,
        "cache_read": 3,
        "cache_write": 2,
        "output": 7,
        "reasoning": 1,
        "billed": 1234,
        "value": 1234,
        "priced": True,
        "estimated": False,
        **more,
    }
    return Row(**fields)  # type: ignore[arg-type]


def metered(*counts: Count) -> list[Meter]:
    """These limits as a hold is told of them: those of one name together."""
    told: dict[str, dict[str, int]] = {}
    for each in counts:
        kind = "flights" if each.kind == "flight" else each.kind
        told.setdefault(each.name, {})[kind] = each.limit
        if kind == "tokens":
            told[each.name]["amount"] = each.amount
    return [Meter(name, **limits) for name, limits in told.items()]


def free(_hold: Hold, _progress: Progress) -> tuple[int, int, bool]:
    """A price for attempts of dead workers."""
    return 50, 50, True


def elsewhere(home: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Runs code in another process, with `home`, `State`, `hold` and `row` at hand, and waits for its end."""
    head = (
        "import os\nfrom pathlib import Path\nfrom trunkline.state.store import State\n"
        f"from tests.unit.state.making import hold, row\nhome = Path({str(home)!r})\n"
    )
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-c", head + code],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=os.environ | {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
    )


class Worker:
    """Another process with the state open as `s`: evaluates expressions, one after another."""

    def __init__(self, home: Path) -> None:
        code = (
            "import sys\nfrom pathlib import Path\nfrom trunkline.state.store import State\n"
            "from trunkline.state.types import Circuit, Meter\n"
            "from tests.unit.state.making import hold, row\n"
            f"s = State.open(Path({str(home)!r}))\n"
            "for line in sys.stdin: print(repr(eval(line)), flush=True)\n"
        )
        root = Path(__file__).parents[3]
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"},
        )

    def ask(self, expression: str) -> str:
        """The value's repr."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(expression + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        """Ends it, as `kill -9` does."""
        self.process.kill()
        self.process.communicate()
