"""Starts a real gateway in a process of its own, and finds the real clients that tests drive through it.

Every gateway has its own home, its own HOME and a clean environment, listens on a free port of 127.0.0.1, is ended by
SIGTERM, and must not have logged a traceback.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pytest

HERE = Path(__file__).resolve().parent
MASTER_KEY = "sk-test-master-1234"
_URL = re.compile(r"https?://127\.0\.0\.1:\d+")
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "COVERAGE_PROCESS_START", "PYTHONWARNINGS")


def quickest(timed: Callable[[], float], *, within: float, tries: int = 3) -> float:
    """The least of several timings, in seconds; the first below `within` will do.

    What other programs do at the same time only ever adds to one.
    """
    least = timed()
    for _ in range(tries - 1):
        if least < within:
            break
        least = min(least, timed())
    return least


@cache
def _deaf() -> socket.socket:
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


def nobodys_port() -> int:
    """A port of 127.0.0.1 where connections are refused: held while this process lives, so that nobody else gets it."""
    return int(_deaf().getsockname()[1])


def kept_waiting(pid: int) -> float:
    """Seconds for which a process could have run, while other programs had all the processors; 0 where nobody counts."""
    try:
        # Documentation/scheduler/sched-stats.rst: nanoseconds on a processor, nanoseconds waiting for one.
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class GatewayDied(AssertionError):
    """The gateway ended, or printed no URL in time; the message holds its exit code and all that it printed."""


def clean_environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment without any provider's variables, whose HOME and TRUNKLINE_HOME lie in `home`."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "TRUNKLINE_HOME": str(home / "trunkline"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        **(extra or {}),
    }


def config_for(fake_url: str, *, more: str = "") -> str:
    """The configuration most tests use: models of each wire at one fake provider, no retries, one master key.

    `zai/…` has no base of its own: `provider_environment` points it at the fake, and the client's format decides which
    endpoint is asked.
    """
    rows = [
        ("claude-sonnet-5-5", "anthropic/claude-sonnet-5-5", fake_url),
        ("claude-haiku-4-5", "anthropic/claude-haiku-4-5", fake_url),
        ("gpt-5.6-sol", "openai/gpt-5.6-sol", f"{fake_url}/v1"),
        ("gpt-5.2-codex", "openai/gpt-5.2-codex", f"{fake_url}/v1"),
        ("glm-4.6", "zai/glm-4.6", None),
        ("qwen3:8b", "ollama_chat/qwen3:8b", fake_url),
        ("gemini-3.8-flash", "gemini/gemini-3.8-flash", f"{fake_url}/v1beta"),
    ]
    lines = ["model_list:"]
    for name, model, base in rows:
        where = f', api_base: "{base}"' if base else ""
        lines.append(f'  - model_name: "{name}"')
        lines.append(f'    litellm_params: {{model: "{model}"{where}, api_key: os.environ/FAKE_KEY}}')
    lines += [f"general_settings: {{master_key: {MASTER_KEY}}}", "router_settings: {num_retries: 0}", more]
    return "\n".join(lines)


def provider_environment(fake_url: str, key: str) -> dict[str, str]:
    """The variables that `config_for` refers to: the key, and where Z.AI is (an origin: its own paths are added)."""
    return {"FAKE_KEY": key, "ZAI_API_BASE": fake_url}


class Gateway:
    """`with Gateway(config) as gateway:` runs `python -m trunkline serve`; `gateway.url` is its origin.

    `config` is the text of the file, None starts without one; `name` is its name (the suffix tells the dialect); `verb`
    stands before the flags and `args` after them; `port` 0 takes a free one, None gives no `--port`; `env` are further variables, `files`
    further files beside the configuration; `home` is an existing folder, to keep state in over several starts; `python` is another
    environment's interpreter.
    """

    def __init__(
        self,
        config: str | None,
        *,
        name: str = "config.yaml",
        args: Sequence[str] = (),
        verb: Sequence[str] = ("serve",),
        port: int | None = 0,
        env: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        home: Path | None = None,
        python: Path | None = None,
        start_within: float = 20,
        stop_within: float = 15,
        allow_traceback: bool = False,
    ) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="trunkline-test-") if home is None else None
        self.home = Path(self._own.name) if self._own is not None else home or Path()
        self.config_path = self.home / name
        self._config = config
        self._args = list(args)
        self._verb = list(verb)
        self._port = port
        self._python = str(python or sys.executable)
        self._env = dict(env or {})
        self._files = dict(files or {})
        self._start_within = start_within
        self._stop_within = stop_within
        self._allow_traceback = allow_traceback
        self._lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
        self._readers: list[threading.Thread] = []
        self._printed = threading.Event()
        self._ended = False
        self.url = ""
        self.key = MASTER_KEY

    @property
    def stdout(self) -> str:
        return "".join(self._lines["stdout"])

    @property
    def stderr(self) -> str:
        return "".join(self._lines["stderr"])

    @property
    def logs(self) -> str:
        """All that the gateway printed until now, standard output first."""
        return self.stdout + self.stderr

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a caller who may do everything."""
        return {"authorization": f"Bearer {self.key}", "content-type": "application/json"}

    def write_config(self, text: str) -> None:
        """Replace the configuration file in one step, as an editor would."""
        self.config_path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.config_path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.config_path)

    def command(self) -> list[str]:
        chosen = [] if self._config is None else ["--config", str(self.config_path)]
        where = ["--host", "127.0.0.1", *([] if self._port is None else ["--port", str(self._port)])]
        return [self._python, "-m", "trunkline", *self._verb, *where, *chosen, *self._args]

    def start(self) -> Self:
        """Start and wait for the URL. Raises GatewayDied, with all that was printed, when there is none."""
        self._ended, self.url = False, ""
        self._printed.clear()
        self._readers = []
        if self._config is not None:
            self.write_config(self._config)
        for name, text in self._files.items():
            (self.home / name).write_text(text, encoding="utf-8")
        self.process = subprocess.Popen(
            self.command(),
            cwd=self.home,
            env=clean_environment(self.home, self._env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        assert self.process.stdout is not None and self.process.stderr is not None
        for stream, name in ((self.process.stdout, "stdout"), (self.process.stderr, "stderr")):
            reader = threading.Thread(target=self._read, args=(stream, name), daemon=True)
            reader.start()
            self._readers.append(reader)
        end = time.monotonic() + self._start_within
        while not self._printed.wait(0.05):
            code = self.process.poll()
            if code is None and time.monotonic() < end:
                continue
            self._end()
            why = "printed no URL in time" if code is None else f"ended with code {code}"
            raise GatewayDied(f"the gateway {why}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}")
        return self

    def _read(self, stream: IO[str], name: str) -> None:
        told = [self._config or "", *self._env.values(), *self._files.values()]
        for line in stream:
            self._lines[name].append(line)
            if name == "stderr" or self.url:
                continue
            for found in _URL.findall(line):
                if not any(found in one for one in told):  # a provider's address that was given to it
                    self.url = found
                    self._printed.set()
                    break
        stream.close()

    def stop(self) -> int:
        """End by SIGTERM; the exit code.

        Raises GatewayDied if it had ended by itself, AssertionError if it lingered (then it is killed) or logged a
        traceback.
        """
        self.check_alive()
        lingered = self._end()
        assert not lingered, f"the gateway did not end within {self._stop_within} s of SIGTERM\n{self.logs}"
        if not self._allow_traceback:
            assert "Traceback (most recent call last)" not in self.logs, f"the gateway logged a traceback\n{self.logs}"
        return self.process.returncode

    def check_alive(self) -> None:
        """Raise GatewayDied, with all that was printed, when the process ended though nobody asked it to."""
        code = self.process.poll()
        if code is not None and not self._ended:
            self._end()
            raise GatewayDied(
                f"the gateway ended by itself with code {code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"
            )

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL. The home stays, when it was given."""
        self.process.kill()
        self._end()

    def _end(self) -> bool:
        lingered = False
        self._ended = True
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(self._stop_within)
            except subprocess.TimeoutExpired:
                lingered = True
                self.process.kill()
        self.process.wait(10)
        for reader in self._readers:
            reader.join(5)
        return lingered

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self._clean()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.stop()
            else:
                self._end()
                sys.stderr.write(f"\n--- gateway logs\n{self.logs[-8000:]}\n")
        finally:
            self._clean()

    def _clean(self) -> None:
        if self._own is not None:
            self._own.cleanup()


def absent(what: str, remedy: str) -> None:
    """Skip because a tool is not installed; where CI is set nothing may be missing, so it fails there."""
    message = f"not installed: {what}; {remedy}"
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(message)
    pytest.skip(message)


def node_modules() -> Path:
    """The folder with the npm clients: TRUNKLINE_TEST_NODE_MODULES, tests/node_modules, or the cache that
    install_clients.sh fills for the present lock."""
    if named := os.environ.get("TRUNKLINE_TEST_NODE_MODULES"):
        return Path(named)
    if (HERE / "node_modules").is_dir():
        return HERE / "node_modules"
    cache = os.environ.get("TRUNKLINE_TEST_CLIENTS") or Path.home() / ".cache" / "trunkline-test-clients"
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    return Path(cache) / lock / "node_modules"


def litellm_python() -> Path:
    """The interpreter of the environment that holds LiteLLM's SDK; skips when it is not installed."""
    cache = os.environ.get("TRUNKLINE_TEST_LITELLM") or Path.home() / ".cache" / "trunkline-test-litellm"
    lock = hashlib.sha256((HERE / "requirements-litellm.lock").read_bytes()).hexdigest()[:16]
    home = Path(cache) / f"{lock}-{sys.version_info.major}.{sys.version_info.minor}"
    if not (home / ".complete").exists():
        absent("LiteLLM's SDK", "run tests/install_litellm.sh")
    return home / "bin" / "python"


def npm_client(name: str) -> Path:
    """The executable of an npm client, such as `claude` or `codex`; skips when it is not installed."""
    found = node_modules() / ".bin" / name
    if not found.exists():
        absent(f"the npm client {name}", "run tests/install_clients.sh")
    return found


def node() -> str:
    """Node's executable; skips when there is none, or no npm clients."""
    found = shutil.which("node")
    if found is None:
        absent("node", "install Node.js 20 or newer")
    if not node_modules().is_dir():
        absent("the npm clients", "run tests/install_clients.sh")
    return str(found)
