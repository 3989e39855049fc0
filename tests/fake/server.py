"""The fake provider as a server on 127.0.0.1, in a thread of its own, with its control routes under /_fake.

`with FakeProvider() as fake:` or `async with FakeProvider() as fake:`; then `fake.url`, `fake.requests`, `fake.bill`,
`fake.program(...)`, `fake.reset()`. A server may be told to speak TLS by a context.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from tests.fake import catalogs
from tests.fake.behaviour import Behaviour, from_record
from tests.fake.http import ClientGone, Connection, Exchange, Request
from tests.fake.provider import GOOD_KEY, Provider
from tests.fake.record import Bill, Seen
from tests.fake.routes import Pot


class FakeProvider:
    """A provider to test against. The parameters are those of `Provider`, and the port (0: any free one)."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Sequence[str] | None = (GOOD_KEY,),
        pots: Mapping[str, Pot] | None = None,
        models: Sequence[str] = catalogs.MODELS,
        ollama: bool = False,
        keep_bodies: bool = True,
        closed: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.provider = Provider(
            keys=keys, pots=pots, models=models, ollama=ollama, keep_bodies=keep_bodies, closed=closed
        )
        self.host, self.port = host, port
        self._tls = tls
        self._open: set[Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.connections = 0

    @property
    def url(self) -> str:
        """The origin, without a path or a final slash."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    @property
    def requests(self) -> list[Seen]:
        """Every request since the last reset, in order of arrival."""
        return self.provider.requests

    @property
    def talks(self) -> list[Seen]:
        """The requests that asked a model to work, refused ones too (no lists, no counts, no probes)."""
        return [one for one in list(self.requests) if one.talk]

    @property
    def bill(self) -> Bill:
        return self.provider.bill

    def program(self, *behaviours: Behaviour | Mapping[str, Any]) -> None:
        """Queue behaviours: each is used by the next request that it fits, `times` times (default 1, -1 for ever)."""
        made = [one if isinstance(one, Behaviour) else from_record(one) for one in behaviours]
        self.provider.programme.extend(made)

    def reset(self) -> None:
        """Forget requests, bill and programme."""
        self.provider.reset()

    def wait_for(self, ready: Callable[[FakeProvider], object], *, within: float = 5) -> None:
        """Wait until `ready(fake)` is true; AssertionError when it is not within so many seconds."""
        end = time.monotonic() + within
        while not ready(self):
            assert time.monotonic() < end, f"the fake waited {within} s in vain"
            time.sleep(0.005)

    def start(self) -> Self:
        begun = threading.Event()
        trouble: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, args=(begun, trouble), name="fake-provider", daemon=True)
        self._thread.start()
        begun.wait()
        if trouble:
            raise trouble[0]
        return self

    def stop(self) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._finish.set)
            self._thread.join(10)
            self._loop = None

    def _run(self, begun: threading.Event, trouble: list[BaseException]) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self._finish = asyncio.Event()
            server = await self._loop.create_server(self._connection, self.host, self.port, ssl=self._tls, backlog=1024)
            self.port = server.sockets[0].getsockname()[1]
            begun.set()
            await self._finish.wait()
            server.close()
            for connection in list(self._open):
                connection.stop()
            await asyncio.sleep(0)

        try:
            asyncio.run(serve())
        except OSError as no:
            trouble.append(no)
        finally:
            begun.set()

    def _connection(self) -> Connection:
        self.connections += 1
        return Connection(self._handle, self._open)

    async def _handle(self, request: Request, exchange: Exchange) -> None:
        if request.path.startswith("/_fake/"):
            try:
                await self._control(request, exchange)
            except ClientGone:
                return
        else:
            await self.provider.handle(request, exchange)

    async def _control(self, request: Request, exchange: Exchange) -> None:
        status, made = 200, self._controlled(request.method, request.path.removeprefix("/_fake/"), request.body)
        if made is None:
            status, made = 404, {"error": f"no control route {request.method} {request.path}"}
        data = json.dumps(made).encode()
        await exchange.start(status, [("content-type", "application/json")], length=len(data))
        await exchange.send(data)
        await exchange.finish()

    def _controlled(self, method: str, name: str, body: bytes) -> Any:
        if (method, name) == ("GET", "requests"):
            return [one.as_json() for one in self.requests]
        if (method, name) == ("GET", "bill"):
            return {
                "total": asdict(self.bill.total()),
                "by_id": {id_: asdict(one) for id_, one in self.bill.by_id.items()},
            }
        if (method, name) == ("POST", "reset"):
            self.reset()
            return {"ok": True}
        if (method, name) == ("POST", "program"):
            given = json.loads(body)
            self.program(*(given if isinstance(given, list) else [given]))
            return {"queued": len(self.provider.programme)}
        if (method, name) == ("POST", "keys"):
            self.provider.keys = set(json.loads(body))
            return {"ok": True}
        return None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
