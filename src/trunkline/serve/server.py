"""Runs uvicorn in this process, on sockets that are bound already, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import uvicorn

from trunkline import garbage
from trunkline.serve.asgi import App
from trunkline.serve.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Listening:
    """What the server itself needs to know; times in seconds."""

    drain: float
    headers: int = 64 * 1024
    """Bytes of a request's headers."""
    keepalive: int = 75
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    ssl_keyfile_password: str | None = None
    ciphers: str | None = None


SWITCH = 0.0002
"""Seconds after which a thread that computes must let the event loop go on."""


class Server(uvicorn.Server):
    """Stops by SIGTERM and SIGINT with exit code 0, or when its parent is gone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """The loop's own handlers: uvicorn's would raise the signal again at the end and die by it."""
        loop = asyncio.get_running_loop()
        names = [signal.SIGINT, signal.SIGTERM]
        for name in names:
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(name, self.handle_exit, name, None)
        if sys.platform == "win32":
            with super().capture_signals():
                yield
            return
        yield
        for name in names:
            loop.remove_signal_handler(name)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        garbage.started()
        # The thread that keeps the ledger computes in bursts, and the event loop, which lets go of the interpreter at
        # every send and receive, gets it back only after this long: at the usual 5 ms each, everybody would be stalled.
        sys.setswitchinterval(SWITCH)


def serve(app: App, sockets: list[socket.socket], listening: Listening, watch: Callable[[Server], None]) -> int:
    """Serves until stopped; the exit code. `watch` is called once inside the running loop.

    Raises the `Failure` that kept the application from starting.
    """
    options: dict[str, Any] = {}
    if listening.ciphers:
        options["ssl_ciphers"] = listening.ciphers
    config = uvicorn.Config(
        app,
        http=type("Bounded", (Protocol,), {"limit": listening.headers}),
        ws="none",
        loop="auto",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=listening.keepalive,
        timeout_graceful_shutdown=max(1, round(listening.drain)),
        ssl_certfile=listening.ssl_certfile,
        ssl_keyfile=listening.ssl_keyfile,
        ssl_keyfile_password=listening.ssl_keyfile_password,
        **options,
    )
    server = Server(config)

    async def main() -> None:
        watch(server)
        await server.serve(sockets=sockets)

    # uvicorn leaves by SystemExit when the application could not start; `app.failure` says why.
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner, contextlib.suppress(SystemExit):
        runner.run(main())
    if app.failure is not None:
        raise app.failure
    return 0 if server.started else 3
