"""What is measured, each in processes of its own: Trunkline, and nginx as a plain proxy. See `bench.gateway`.

CPU is user + system time of the whole process tree, to the nanosecond where the kernel counts so (Linux), else in its
ticks. Memory is resident size of the tree.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import psutil

from bench.gateway_load import KEY

_CONFIG = """\
model_list:
  - model_name: gpt-5.6-sol
    litellm_params: {{model: openai/gpt-5.6-sol, api_base: "http://127.0.0.1:{port}/v1", api_key: sk-test-1}}
  - model_name: claude-sonnet-5-5
    litellm_params: {{model: anthropic/claude-sonnet-5-5, api_base: "http://127.0.0.1:{port}", api_key: sk-test-1}}
general_settings: {{master_key: {key}}}
"""

_NGINX = """\
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000; client_max_body_size 64m; client_body_buffer_size 512k;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  upstream provider {{ server 127.0.0.1:{provider}; keepalive 64; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    }}
  }}
}}
"""


class Subject:
    """A process tree that listens on `port`. `started` is seconds from exec to the first answer to a request."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port
        self.started = 0.0

    def _tree(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def cpu(self) -> float:
        """Seconds of CPU until now."""
        return sum(_cpu(each) for each in self._tree())

    def resident(self) -> float:
        """MB (10^6 bytes)."""
        return sum(each.memory_info().rss for each in self._tree()) / 1e6

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            for each in self._tree():
                each.kill()
            self.process.wait(5)
        if self.process.stdout is not None:
            self.process.stdout.close()


def _cpu(process: psutil.Process) -> float:
    threads = Path(f"/proc/{process.pid}/task")
    try:
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads.iterdir()) / 1e9
    except OSError:
        times = process.cpu_times()
        return float(times.user + times.system)


@contextlib.contextmanager
def pinned(cores: set[int]) -> Generator[None]:
    """Processes started inside run on these cores only; on all, where there is one or the system cannot pin."""
    if not cores or sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def trunkline(folder: Path, provider: int, request: bytes, *, module: str = "trunkline", more: str = "") -> Subject:
    """One worker with a master key, its state in `folder` and its log in a file there, as in service.

    `module`: what is run instead; `more`: lines that its configuration has, too.
    """
    config = folder / "config.yaml"
    config.write_text(_CONFIG.format(port=provider, key=KEY) + more)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "PYTHONPATH") if name in os.environ}
    where = {"HOME": str(folder), "TRUNKLINE_HOME": str(folder / "home"), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    began = time.perf_counter()
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "serve", "--host", "127.0.0.1", "--port", "0", "--config", str(config)],
            env={**kept, **where},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            return _ready(Subject(process, int(found[1])), request, began)
    process.wait()
    raise SystemExit(f"trunkline did not start:\n{(folder / 'log').read_text()}")


def find_nginx() -> str | None:
    """Where nginx is; Debian's users do not have its folder on their PATH."""
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))


def nginx(program: str, folder: Path, provider: int, request: bytes) -> Subject:
    """One worker, bodies and answers in memory, connections to the provider kept."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config, errors = folder / "nginx.conf", folder / "error.log"
    config.write_text(_NGINX.format(folder=folder, provider=provider, port=port))
    began = time.perf_counter()
    process = subprocess.Popen([program, "-p", str(folder), "-e", str(errors), "-c", str(config)], text=True)
    return _ready(Subject(process, port), request, began)


def _ready(subject: Subject, request: bytes, began: float) -> Subject:
    """Waits for the first answer to a request that goes all the way to the provider."""
    while not _answers(subject.port, request):
        if subject.process.poll() is not None or time.perf_counter() - began > 20:
            subject.process.kill()
            raise SystemExit(
                f"{subject.process.args!r} gave no answer within 20 s (exit code {subject.process.poll()})"
            )
        time.sleep(0.002)
    subject.started = time.perf_counter() - began
    return subject


def _answers(port: int, request: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(request)
            return connection.recv(65536).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
