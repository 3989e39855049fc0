"""A gateway that a launcher starts for itself and that ends with its last client. Touches `TRUNKLINE_HOME/launch`.

For each set of provider keys there is one folder: `gateway.json` tells where the running one is and its key, and each
client holds the lock of one file in `clients/` for as long as it lives. One lock, `.lock`, orders all changes: the
gateway ends only while it holds it, so no client can join one that is ending.

The gateway gets a key of its own, made for this run, so that nobody else on the machine can spend through it; it
starts in Trunkline's own folder, so that no `.env` and no configuration of the working folder is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trunkline import __version__
from trunkline.cli import places
from trunkline.cli.gateway import Gateway, standing
from trunkline.cli.locks import Held, is_held, take
from trunkline.config.home import home_of
from trunkline.errors import ConfigInvalid

START_WITHIN = 20.0
"""Seconds until a started gateway must answer."""
LOG_MOST = 8 * 1024 * 1024
"""Bytes after which a log is put aside at the next start; the one put aside before is lost."""
LEFT_OUT = (
    *("CONFIG_FILE_PATH", "PORT", "HOST", "NUM_WORKERS", "SSL_KEYFILE_PATH", "SSL_CERTFILE_PATH", "LITELLM_MASTER_KEY"),
    *("DATABASE_URL", "REDIS_URL", "REDIS_HOST", "TRUNKLINE_URL", "TRUNKLINE_ALLOWED_IPS", "TRUNKLINE_API_KEY"),
)
"""What is in the caller's environment for other programs or other gateways, and not meant for this one."""
TELLING = ("_API_KEY", "_API_BASE", "_BASE_URL", "_PROXY", "_proxy", "_HOST", "_CERT_FILE")
"""Endings of names that make one gateway differ from another."""


@dataclass(frozen=True, slots=True)
class Launched:
    """A gateway and this client's hold on it."""

    gateway: Gateway
    hold: Held


def environment(environ: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """What the gateway is started with: the caller's environment and the kept keys, which the former beats."""
    mine = {name: value for name, value in environ.items() if name not in LEFT_OUT}
    for name, value in kept.items():
        if not mine.get(name):
            mine[name] = value
    return mine


def folder(environ: Mapping[str, str], mine: Mapping[str, str]) -> Path:
    """The folder of gateways with these provider keys, by a salted hash that tells nothing of them."""
    from trunkline.serve.proof import secret_of

    config = places.own_config(environ)
    written = config.stat().st_mtime_ns if config.exists() else 0
    telling = sorted((name, value) for name, value in mine.items() if name.endswith(TELLING))
    said = json.dumps([__version__, sys.prefix, written, telling])
    salted = hashlib.blake2b(said.encode(), key=secret_of(home_of(environ)), digest_size=8)
    return places.launches(environ) / salted.hexdigest()


def join(environ: Mapping[str, str], kept: Mapping[str, str]) -> Launched:
    """A hold on the gateway for these keys, started when none runs. Raises ConfigInvalid when it does not start."""
    mine = environment(environ, kept)
    where = folder(environ, mine)
    lock = take(where / ".lock", wait=True)
    assert lock is not None
    with lock:
        clients = where / "clients"
        hold = take(clients / f"{os.getpid()}-{secrets.token_hex(4)}")
        assert hold is not None
        try:
            gateway = running(where, environ) or _start(where, environ, mine)
        except BaseException:
            hold.free(remove=True)
            raise
    return Launched(gateway, hold)


def running(where: Path, environ: Mapping[str, str]) -> Gateway | None:
    """The gateway of a folder, if it is there and proves to be ours."""
    try:
        said = json.loads((where / "gateway.json").read_text(encoding="utf-8"))
        gateway = Gateway(said["url"], said["key"], ours=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return gateway if standing(gateway.url, environ) == "proved" else None


def _start(where: Path, environ: Mapping[str, str], mine: Mapping[str, str]) -> Gateway:
    home = home_of(environ)
    logs = places.logs(environ)
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = logs / f"gateway-{where.name}.log"
    if _size(log) > LOG_MOST:
        log.replace(log.with_suffix(".log.1"))
    for _ in range(3):
        port = _free_port()
        gateway = Gateway(f"http://127.0.0.1:{port}", f"sk-launch-{secrets.token_urlsafe(24)}", ours=True)
        command = [sys.executable, "-m", "trunkline", "keep", "--port", str(port), "--folder", str(where)]
        if places.own_config(environ).exists():
            command += ["--config", str(places.own_config(environ))]
        begun = _size(log)
        with log.open("ab") as sink:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                env={**mine, "LITELLM_MASTER_KEY": gateway.key, "TRUNKLINE_HOME": str(home)},
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        if _came_up(process, gateway, environ):
            _note(where / "gateway.json", {"url": gateway.url, "key": gateway.key, "pid": process.pid})
            return gateway
        said = log.read_bytes()[begun:].decode("utf-8", "replace").strip()
        if "in use" not in said:
            break
    last = said.splitlines()[-1] if said else "it said nothing."
    raise ConfigInvalid(
        f"The gateway did not start: {last}", remedy=f"Its log is {log}; `trunkline doctor` looks for causes."
    )


def _came_up(process: subprocess.Popen[bytes], gateway: Gateway, environ: Mapping[str, str]) -> bool:
    """Waits until it proves itself; ends it when it does not in time."""
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and process.poll() is None:
        if standing(gateway.url, environ, timeout=1.0) == "proved":
            return True
        time.sleep(0.05)
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    return False


def anyone(where: Path) -> bool:
    """Whether any client of this folder lives. Files of those that died are removed. Call it with the lock held."""
    alive = False
    for path in (where / "clients").glob("*"):
        if is_held(path):
            alive = True
        else:
            path.unlink(missing_ok=True)
    return alive


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _note(path: Path, said: Mapping[str, object]) -> None:
    write_private(path, json.dumps(said))


def write_private(path: Path, text: str) -> None:
    """Writes a file that only this user can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
