"""Sets up `.venv` in this clone when something changed, then turns into what was asked for. Standard library only.

    setup.py run | test | claude | bench | fuzz

What is installed comes from the lock files, by hash. A stamp in `.venv` remembers what it was made from; as long as it
matches, nothing is installed and no network is needed. Only `.venv` is written.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUILD = "requirements-build.lock"
LOCKS = {"run": ("requirements.lock", BUILD), "test": ("requirements-dev.lock", BUILD)}
"""Kind of environment → what is installed into it. `test` holds all of `run`."""


def main(arguments: Sequence[str]) -> NoReturn:
    """Prepares and runs one of the five."""
    what = arguments[0] if len(arguments) == 1 else ""
    extra = shlex.split(os.environ.get("ARGS", ""))
    if what == "run":
        prepare("run")
        config = os.environ.get("CONFIG")
        become("-m", "trunkline", "serve", *(["--config", config] if config else []), *extra)
    if what == "claude":
        prepare("run")
        become("-m", "trunkline", "claude", *extra)
    if what == "test":
        prepare("test")
        # Tests wait for other processes much of their time: one worker more than cores. What is picked out runs alone.
        become("-m", "pytest", *(extra or ("-n", str((os.cpu_count() or 1) + 1))), safe=False)
    if what in ("bench", "fuzz"):
        prepare("test")
        become("-m", what, *extra, safe=False)
    stop(f"setup: {' '.join(arguments) or 'nothing'} is none of run, test, claude, bench, fuzz.")


def become(*arguments: str, safe: bool = True) -> NoReturn:
    """Turns into the environment's Python. `safe`: the working folder is not importable."""
    os.chdir(ROOT)
    command = [str(PYTHON), *(["-P"] if safe else []), *arguments]
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - our own interpreter


def prepare(kind: str) -> None:
    """Brings `.venv` up to date. One at a time, should two be started at once."""
    if fresh(kind):
        return
    try:
        VENV.mkdir(exist_ok=True)
        lock = os.open(VENV / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as unwritable:
        stop(
            f"make: {VENV} cannot be written: {unwritable.strerror}.\n"
            "  Clone into a folder of your own, or install with `pip install .` into an environment elsewhere."
        )
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not fresh(kind):
        install(kind)
    os.close(lock)


def fresh(kind: str) -> bool:
    """Whether `.venv` was made from what is here now, for this kind or for one that holds it."""
    kinds = (kind,) if kind == "test" else ("run", "test")
    return PYTHON.exists() and any(read(stamp(each)) == wanted(each) for each in kinds)


def stamp(kind: str) -> Path:
    """The file that remembers what was installed."""
    return VENV / f".stamp-{kind}"


def base() -> str:
    """What the whole environment stands on: it is made anew when this changes. A clone may have been moved."""
    return f"{ROOT}\n{sys.version}\n{os.path.realpath(sys.executable)}"


def wanted(kind: str) -> str:
    """What a stamp must say."""
    digest = hashlib.sha256()
    for name in (*LOCKS[kind], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return f"{digest.hexdigest()}\n{base()}\n"


def read(path: Path) -> str:
    """A small file's text; empty when there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def install(kind: str) -> None:
    """Makes the environment if need be, and installs what the locks name and the package itself."""
    say("Setting up .venv (only when something changed) ...")
    stands = VENV / ".base"
    if not PYTHON.exists() or read(stands) != base():
        clear()
        run([sys.executable, "-I", "-m", "venv", str(VENV)], "The environment could not be made.")
        stands.write_text(base(), encoding="utf-8")
    for each in LOCKS:
        stamp(each).unlink(missing_ok=True)
    pip = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = "The packages could not be installed; the lines above say why. The first setup needs the network."
    for name in LOCKS[kind]:
        say(f"  {name}")
        # A lock file is complete. Resolving would take the newest of what is wanted with an extra, and fail its hash.
        run([*pip, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / name)], offline)
    package = [*pip, "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)]
    run(package, "Trunkline itself could not be installed; the lines above say why.")
    stamp(kind).write_text(wanted(kind), encoding="utf-8")


def clear() -> None:
    """Empties `.venv` but for the lock that this process holds."""
    for path in VENV.iterdir():
        if path.name == ".lock":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def run(command: Sequence[str], remedy: str) -> None:
    """Runs a step to its end. A signal that would end this process ends the step first."""
    child = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - built above

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
        sys.exit(128 + number)

    ends = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, pass_on) for number in ends]
    try:
        code = child.wait()
    except KeyboardInterrupt:  # the terminal has told the child, too
        child.wait()
        sys.exit(130)
    for number, handler in zip(ends, before, strict=True):
        signal.signal(number, handler)
    if code:
        stop(f"make: {remedy}")


def say(line: str) -> None:
    """One line of progress on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def stop(message: str) -> NoReturn:
    """The end, with a reason."""
    say(message)
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
