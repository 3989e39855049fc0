"""A page of another origin in a real Chromium: it streams, reads what an answer cost, and is told of limits and breaks.

And pages that have no business with a gateway that runs without a key: by another origin, and by a name that was made
to mean this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, absent, node, node_modules
from tests.wall.asking import ask, until

pytestmark = pytest.mark.conformance

HERE = Path(__file__).parent
KEY = "sk-page-key-12345678"
CONFIG = """
model_list:
  - model_name: glm
    litellm_params: {model: zai/glm-4.6, api_base: "@/api/paas/v4", api_key: os.environ/FAKE_KEY}
  - model_name: scarce
    litellm_params: {model: openai/wall-1, api_base: "@/v1", api_key: os.environ/FAKE_KEY, rpm: 2}
  - model_name: frail
    litellm_params: {model: openai/wall-2, api_base: "@/v1", api_key: os.environ/FAKE_KEY}
router_settings: {num_retries: 0}
"""


def chromium() -> str:
    """The browser's executable; skips where there is none, which CI does not."""
    names = (os.environ.get("TRUNKLINE_TEST_BROWSER", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        absent("Chromium", "run tests/install_browser.sh")
    return str(found)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of a web server that has the page, and nothing of a gateway's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(HERE)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def drive(pages: Mapping[str, Mapping[str, str]], *, map_: str = "", screenshot: Path | None = None) -> Any:
    """What each page saw. `map_`: names that the browser resolves otherwise."""
    asked = {"chromium": chromium(), "map": map_, "screenshot": str(screenshot) if screenshot else "", "pages": pages}
    with tempfile.TemporaryDirectory(prefix="trunkline-browser-") as place:
        # A module finds its packages beside itself.
        script = Path(shutil.copy(HERE / "drive.mjs", place))
        (script.parent / "node_modules").symlink_to(node_modules(), target_is_directory=True)
        command = [node(), str(script)]
        done = subprocess.run(
            command, input=json.dumps(asked), capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen(fake_server: FakeProvider, site: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path]]:
    """What the page saw, once, and the picture of it."""
    fake_server.reset()
    picture = tmp_path_factory.mktemp("browser") / "page.png"
    text = (
        CONFIG.replace("@", fake_server.url)
        + f"trunkline: {{client_key: {KEY}, cors_origins: ['http://localhost:{site}']}}"
    )
    with Gateway(text, env={"FAKE_KEY": GOOD_KEY}) as gateway:
        query = urlencode({"gateway": gateway.url, "key": KEY, "model": "glm", "scarce": "scarce", "frail": "frail"})
        told = drive({"page": {"url": f"http://localhost:{site}/page.html?{query}"}}, screenshot=picture)
        until(lambda: "client_gone" in gateway.logs, within=10, what="for the call that was given up")
    yield told["page"], picture


def test_an_answer_is_streamed_to_the_page_as_it_comes(seen: tuple[Any, Path]) -> None:
    told, _ = seen
    assert "trouble" not in told, told
    assert told["stream"].split()[-1] == "w39"
    assert len(told["pieces"]) >= 30
    assert told["pieces"][-1] - told["pieces"][0] > 100, "the pieces came one after another, not at once"
    assert len(told["streamId"]) == 36


def test_the_page_reads_what_an_answer_cost_and_who_gave_it(seen: tuple[Any, Path]) -> None:
    whole = seen[0]["whole"]
    assert whole["text"] == "grüezi✓"
    assert whole["cost"] > 0
    assert whole["route"] == "zai/glm-4.6"
    assert len(whole["requestId"]) == 36


def test_a_limit_is_an_error_that_the_page_can_read(seen: tuple[Any, Path]) -> None:
    limit = seen[0]["limit"]
    assert (limit["kind"], limit["code"], limit["statusCode"]) == ("RateLimitError", "RATE_LIMIT_ERROR", 429)
    assert limit["limitType"] == "requests"
    assert limit["retryAfter"] > 0
    assert len(limit["requestId"]) == 36
    assert "limits" in limit["message"]


def test_a_stream_that_breaks_off_is_an_error_and_no_short_answer(seen: tuple[Any, Path]) -> None:
    told, _ = seen
    assert told["brokenAfter"], "something had been said"
    assert told["broken"]["kind"] == "StreamError"
    assert told["broken"]["code"]


def test_the_page_may_give_up_and_is_told_of_a_wrong_key(seen: tuple[Any, Path]) -> None:
    told, _ = seen
    assert told["aborted"]["kind"] == "DOMException"
    assert (told["wrongKey"]["kind"], told["wrongKey"]["code"]) == ("AuthenticationError", "INVALID_API_KEY")


def test_the_page_shows_all_of_it(seen: tuple[Any, Path]) -> None:
    _, picture = seen
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_size > 20_000


_ASK = """async () => {
  const { FrontendGatewayClient, textOf } = await import("GATEWAY/client.js");
  const client = new FrontendGatewayClient("GATEWAY/api/llm", "KEY", { model: "glm" });
  const whole = await client.sendMessage([{ role: "user", content: "SAY=grüezi✓" }]);
  let stream = "";
  for await (const chunk of client.streamMessage([{ role: "user", content: "LONG=40" }])) stream += textOf(chunk);
  return { whole: textOf(whole), cost: whole.gateway.cost, last: stream.trim().split(" ").at(-1) };
}"""


@pytest.mark.parametrize("kind", ["master", "virtual", "none"])
def test_a_page_is_answered_at_each_kind_of_door(fake_provider: FakeProvider, site: int, kind: str) -> None:
    config, key = CONFIG.replace("@", fake_provider.url), MASTER_KEY
    if kind != "none":
        config += f"general_settings: {{master_key: {MASTER_KEY}}}\n"
        config += f"trunkline: {{cors_origins: ['http://localhost:{site}']}}"
    with Gateway(config, env={"FAKE_KEY": GOOD_KEY}) as gateway:
        if kind == "virtual":
            made = ask(gateway.url, "/key/generate", {"models": ["glm"], "max_budget": 1}, headers=gateway.headers)
            key = made.json["key"]
        script = _ASK.replace("GATEWAY", gateway.url).replace("KEY", "" if kind == "none" else key)
        page = {"url": f"http://localhost:{site}/page.html", "script": f"({script})()"}
        told = drive({"page": page})["page"]
    assert (told["whole"], told["last"]) == ("grüezi✓", "w39"), told
    assert told["cost"] > 0


_TRY = """async () => {
  const told = {};
  for (const [name, url] of Object.entries(TARGETS)) {
    try {
      const answer = await fetch(url, name === "post" || name === "rebound" ? {
        method: "POST", headers: {"content-type": "application/json"},
        body: JSON.stringify({model: "glm", messages: [{role: "user", content: "SAY=stolen"}]}),
      } : name === "simple" ? {
        method: "POST", mode: "no-cors",
        body: JSON.stringify({model: "glm", messages: [{role: "user", content: "SAY=stolen"}]}),
      } : {});
      told[name] = `${answer.status} ${await answer.text()}`;
    } catch (error) {
      told[name] = "blocked";
    }
  }
  return told;
}"""


def test_a_foreign_page_gets_nothing_from_a_gateway_without_a_key(fake_provider: FakeProvider, site: int) -> None:
    """Not by asking across origins, not by a plain form's post, and not by a name that now means this machine."""
    with Gateway(CONFIG.replace("@", fake_provider.url), env={"FAKE_KEY": GOOD_KEY}) as gateway:
        port = gateway.url.rpartition(":")[2]
        across = {
            "post": f"{gateway.url}/v1/chat/completions",
            "models": f"{gateway.url}/v1/models",
            "simple": f"{gateway.url}/v1/chat/completions",
        }
        rebound = {"rebound": "/v1/chat/completions", "models": "/v1/models"}
        own = {"post": f"{gateway.url}/v1/chat/completions", "models": f"{gateway.url}/v1/models"}
        told = drive(
            {
                "foreign": {
                    "url": f"http://evil.example:{site}/page.html",
                    "script": f"({_TRY.replace('TARGETS', json.dumps(across))})()",
                },
                "rebound": {
                    "url": f"http://evil.example:{port}/",
                    "script": f"({_TRY.replace('TARGETS', json.dumps(rebound))})()",
                },
                "localhost": {
                    "url": f"http://localhost:{site}/page.html",
                    "script": f"({_TRY.replace('TARGETS', json.dumps(own))})()",
                },
            },
            map_="MAP evil.example 127.0.0.1",
        )
    assert told["foreign"]["post"] == told["foreign"]["models"] == "blocked"
    assert told["foreign"]["simple"].strip() == "0", "an opaque answer"
    assert told["rebound"]["rebound"].startswith("403")
    assert told["rebound"]["models"].startswith("403")
    assert "stolen" in told["localhost"]["post"], "a page of this machine may"
    assert told["localhost"]["models"].startswith("200")
    assert len(fake_provider.talks) == 1
