"""Something that answers as a gateway does where a launcher looks, and notes what it was asked."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from trunkline.serve import proof


@dataclass
class FakeGateway:
    """`home`: whose proof it gives; None: it cannot prove anything. `key`: what it wants to be asked with."""

    home: Path | None = None
    key: str = ""
    service: str = "trunkline"
    models: tuple[str, ...] = ("claude-opus-5-5", "glm-5.3", "demo/echo")
    status: int = 200
    relays_to: int | None = None
    """Answers a proof as if it stood on that port: a stranger that passes the question on."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, path and headers of every request."""

    def __enter__(self) -> FakeGateway:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys_seen(self) -> list[str]:
        return [headers["authorization"] for _, _, headers in self.asked if "authorization" in headers]

    def answer(self, path: str, query: str, headers: dict[str, str]) -> tuple[int, object]:
        if path == "/health":
            return 200, {"status": "healthy", "service": self.service}
        if path == "/health/readiness":
            return 200, {"status": "healthy"}
        if path == "/health/proof":
            nonce = parse_qs(query).get("nonce", [""])[0]
            if self.home is None:
                return 404, {"error": {"message": "no such path"}}
            port = self.relays_to or self.port
            return 200, {"service": "trunkline", "proof": proof.sign(proof.secret_of(self.home), nonce, port)}
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return 401, {"error": {"message": "a key is needed", "code": "invalid_api_key"}}
        if path.endswith("/models"):
            return self.status, {"data": [{"id": name} for name in self.models]}
        return 200, {"ok": True}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:
                pass

            def reply(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                fake.asked.append((self.command, parts.path, headers))
                status, body = fake.answer(parts.path, parts.query, headers)
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = reply  # noqa: N815 - the names that the server calls

        return Handler
