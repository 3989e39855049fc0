"""The small client: over a real socket, with `requests` and without, and under the patches of projects that use it."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock, patch

import pytest
import requests

import trunkline.client
from trunkline.client import LiteLLMClient, call_llm, plain

ANSWER = {"choices": [{"message": {"role": "assistant", "content": "Hello"}}]}
ASKED = [{"role": "user", "content": "Hi"}]


class Gateway(http.server.ThreadingHTTPServer):
    """Answers as a gateway does, and keeps what it was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.status = 200
        self.hang = threading.Event()
        self.hang.set()

    def handle_error(self, *_: object) -> None:
        """A client that waits no longer is what one of these tests is about."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Gateway

    def do_GET(self) -> None:
        self._answer({"data": [{"id": "a"}, {"id": "b"}]} if self.path == "/models" else {"status": "healthy"})

    def do_POST(self) -> None:
        self._answer(ANSWER)

    def _answer(self, body: Any) -> None:
        size = int(self.headers.get("content-length") or 0)
        said = json.loads(self.rfile.read(size)) if size else None
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, said))
        self.server.hang.wait(10)
        if self.server.status != 200:
            body = {"error": {"message": "No model 'x' is configured here."}}
        data = json.dumps(body).encode()
        self.send_response(self.server.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.hang.set()
        server.shutdown()
        thread.join(5)


@pytest.fixture(params=["requests", "plain"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the client asks with: `requests`, or what stands in where that is not installed."""
    if request.param == "plain":
        monkeypatch.setitem(sys.modules, "requests", None)
        return plain
    return requests


def test_a_call_is_a_chat_completion_without_v1(gateway: Gateway, library: Any) -> None:
    assert LiteLLMClient(gateway.url + "/").call_llm("m", ASKED) == ANSWER
    path, headers, said = gateway.asked[0]
    assert path == "/chat/completions"
    assert said == {"model": "m", "messages": ASKED, "temperature": 0.7}
    assert "authorization" not in headers


def test_without_a_model_the_gateways_default_is_asked(gateway: Gateway, library: Any) -> None:
    call_llm(None, ASKED, base_url=gateway.url)
    assert "model" not in gateway.asked[0][2]


def test_the_master_key_is_sent_where_it_is_set(
    gateway: Gateway, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITELLM_MASTER_KEY", "sk-test-1")
    LiteLLMClient(gateway.url).get_available_models()
    assert gateway.asked[0][1]["authorization"] == "Bearer sk-test-1"


def test_models_and_health(gateway: Gateway, library: Any) -> None:
    client = LiteLLMClient(gateway.url)
    assert client.get_available_models() == ["a", "b"]
    assert client.get_health() is True
    gateway.status = 503
    assert client.get_health() is False
    assert [path for path, _, _ in gateway.asked] == ["/models", "/health", "/health"]


def test_nobody_there_is_no_health_and_a_connection_error(library: Any) -> None:
    client = LiteLLMClient("http://127.0.0.1:9", timeout=2)
    assert client.get_health() is False
    with pytest.raises(library.ConnectionError):
        client.call_llm("m", ASKED)


def test_a_refusal_is_an_http_error_with_the_gateways_sentence(gateway: Gateway, library: Any) -> None:
    gateway.status = 404
    with pytest.raises(library.RequestException, match="No model 'x' is configured here") as caught:
        LiteLLMClient(gateway.url).call_llm("x", ASKED)
    assert isinstance(caught.value, library.HTTPError)
    assert caught.value.response.status_code == 404


def test_silence_is_a_timeout(gateway: Gateway, library: Any) -> None:
    gateway.hang.clear()
    with pytest.raises(library.RequestException) as caught:
        LiteLLMClient(gateway.url, timeout=0.2).call_llm("m", ASKED)
    assert isinstance(caught.value, library.Timeout)


def test_an_address_that_is_none_is_refused(library: Any) -> None:
    with pytest.raises(library.RequestException):
        LiteLLMClient("localhost:8001").call_llm("m", ASKED)


def test_a_project_patches_requests_post() -> None:
    with patch("requests.post") as post:
        post.return_value.json.return_value = ANSWER
        assert LiteLLMClient().call_llm("m", ASKED, 0.1) == ANSWER
    post.assert_called_once_with(
        "http://localhost:8001/chat/completions",
        json={"model": "m", "messages": ASKED, "temperature": 0.1},
        timeout=30.0,
    )


def test_a_project_patches_requests_where_its_client_is() -> None:
    with patch("trunkline.client.requests") as library:
        library.post.return_value.raise_for_status.side_effect = requests.HTTPError("500 Server Error")
        library.HTTPError = requests.HTTPError
        with pytest.raises(requests.RequestException, match="500"):
            call_llm("m", ASKED)
        library.get.side_effect = requests.ConnectionError()
        assert LiteLLMClient().get_health() is False
    assert not isinstance(trunkline.client.requests, MagicMock)


def test_one_line_keeps_a_projects_own_path(tmp_path: Any) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "__init__.py").touch()
    shim = "import sys, trunkline.client; sys.modules[__name__] = trunkline.client\n"
    (tmp_path / "services" / "llm_client.py").write_text(shim)
    script = (
        "from unittest.mock import patch\n"
        "from services.llm_client import LiteLLMClient, call_llm\n"
        "with patch('services.llm_client.requests.post') as post:\n"
        "    post.return_value.json.return_value = {'id': '1'}\n"
        "    print(call_llm('m', []), LiteLLMClient().timeout)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout == "{'id': '1'} 30.0\n"


def test_importing_it_is_light() -> None:
    script = "import sys; before = set(sys.modules); import trunkline.client; print(*sorted(set(sys.modules) - before))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"requests", "urllib.request", "http.client", "json", "aiohttp"} & set(told.stdout.split())
