"""The configuration changes while the gateway runs: what is new holds at once, what runs goes on, what is bad is refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, clean_environment
from tests.wall.asking import Reply, ask, streaming, until
from tests.wall.scenes import KEY

PATH = "/v1/messages"
SEEN = 20
"""Seconds within which a change must be seen: it is looked for each second, and this machine may be busy."""

both = pytest.mark.parametrize("workers", [1, 2])


def model(name: str, url: str, told: str = "claude-sonnet-5-5") -> str:
    where = f'model: anthropic/{told}, api_base: "{url}", api_key: os.environ/FAKE_KEY'
    return f"  - model_name: {name}\n    litellm_params: {{{where}}}\n"


def text(*models: str, general: str = f"{{master_key: {MASTER_KEY}}}", more: str = "") -> str:
    rows = "".join(models)
    return f"model_list:\n{rows}general_settings: {general}\nrouter_settings: {{num_retries: 0}}\n{more}\n"


@contextmanager
def started(config: str, workers: int = 1, **more: Any) -> Iterator[Gateway]:
    """A gateway; one that is killed at the end of a failed test takes its workers along."""
    env = more.pop("env", {"FAKE_KEY": GOOD_KEY})
    with Gateway(config, args=["--workers", str(workers)], env=env, **more) as gateway:
        yield gateway


def call(gateway: Gateway, name: str, said: str = "SAY=ok", *, key: str = MASTER_KEY, stream: bool = False) -> Reply:
    body = {"model": name, "max_tokens": 1000, "stream": stream, "messages": [{"role": "user", "content": said}]}
    return ask(gateway.url, PATH, body, headers={**KEY, "authorization": f"Bearer {key}"})


def reload(gateway: Gateway, key: str = MASTER_KEY) -> Reply:
    return ask(gateway.url, "/config/reload", b"", headers={"authorization": f"Bearer {key}"})


def running(gateway: Gateway, key: str = MASTER_KEY) -> dict[str, Any]:
    """What readiness tells of the configuration."""
    reply = ask(gateway.url, "/health/readiness", headers={"authorization": f"Bearer {key}"})
    assert reply.status == 200
    found: dict[str, Any] = reply.json["config"]
    return found


class Stream(threading.Thread):
    """An answer in many pieces, read in a thread of its own."""

    def __init__(self, gateway: Gateway, name: str, said: str) -> None:
        super().__init__(daemon=True)
        self.first = threading.Event()
        self.body = b""
        self._asked = gateway.url, name, said
        self.start()

    def run(self) -> None:
        url, name, said = self._asked
        body = {"model": name, "max_tokens": 1000, "stream": True, "messages": [{"role": "user", "content": said}]}
        with streaming(url, PATH, body, headers=KEY, timeout=60) as answer:
            while piece := answer.read1(65536):
                self.body += piece
                self.first.set()

    def whole(self) -> bytes:
        self.join(60)
        assert not self.is_alive()
        return self.body


@both
def test_a_stream_keeps_what_it_began_with_and_the_next_call_has_the_new(
    fake_provider: FakeProvider, workers: int
) -> None:
    with FakeProvider() as other, started(text(model("m", fake_provider.url)), workers) as gateway:
        before = running(gateway)
        streams = [Stream(gateway, "m", f"LONG=40 SLOW=50 ID=s{number}") for number in range(4)]
        hushed = Stream(gateway, "m", "SAY=late HUSH=2")
        for each in streams:
            assert each.first.wait(20)
        gateway.write_config(text(model("m", other.url), model("n", other.url)))
        reply = reload(gateway)
        assert reply.status == 200, reply.body
        assert reply.json["changed"] is True
        assert not other.talks
        for name in ("m", "n") * 6:  # whichever worker takes it
            assert call(gateway, name).status == 200
        assert len(other.talks) == 12
        for each in streams:
            assert b"message_stop" in each.whole()
            assert each.body.count(b"event: content_block_delta") == 40
        assert b"late" in hushed.whole()
        assert len(fake_provider.talks) == 5, "nothing was asked anew"
        after = running(gateway)
        assert after["version"] == reply.json["version"] != before["version"]
        assert after["since"] == reply.json["since"] > before["since"]
        assert "reload_error" not in after


@both
def test_a_changed_file_is_seen_and_one_that_is_removed_too(fake_provider: FakeProvider, workers: int) -> None:
    with started(text(model("m", fake_provider.url)), workers) as gateway:
        gateway.write_config(text(model("n", fake_provider.url)))
        until(lambda: call(gateway, "n").status == 200, within=SEEN)
        until(lambda: "new n; gone m" in gateway.stderr, within=5)
        gateway.config_path.unlink()
        until(lambda: "no such file" in running(gateway).get("reload_error", ""), within=SEEN)
        assert call(gateway, "n").status == 200
        gateway.write_config(text(model("o", fake_provider.url)))
        until(lambda: call(gateway, "o").status == 200, within=SEEN)


@both
def test_a_bad_file_is_refused_whole_with_its_line_and_what_runs_goes_on(
    fake_provider: FakeProvider, workers: int
) -> None:
    good = text(model("m", fake_provider.url))
    with started(good, workers) as gateway:
        before = running(gateway)
        bad = text(model("m", fake_provider.url), model("n", fake_provider.url), more="trunkline: {max_messages: many}")
        line = bad.splitlines().index("trunkline: {max_messages: many}") + 1
        gateway.write_config(bad)
        reply = reload(gateway)
        assert reply.status == 422
        assert reply.json["error"]["code"] == "config_refused"
        assert f"config.yaml:{line}: `max_messages`" in reply.message
        assert call(gateway, "m").status == 200
        assert call(gateway, "n").status == 404
        told = running(gateway)
        assert (told["version"], told["since"]) == (before["version"], before["since"])
        assert f"config.yaml:{line}:" in told["reload_error"]
        outside = ask(gateway.url, "/health/readiness").json["config"]
        assert "reload_error" in outside
        assert "config.yaml" not in outside["reload_error"], "why it is refused is for who has the key"
        time.sleep(3)
        assert gateway.stderr.count("is refused, and the one in use") == 1, "a bad file is told once"
        gateway.write_config(good)
        until(lambda: "reload_error" not in running(gateway), within=SEEN)
        assert running(gateway)["since"] == before["since"], "it ran all the time"


@both
def test_a_file_that_is_no_yaml_names_the_line(fake_provider: FakeProvider, workers: int) -> None:
    with started(text(model("m", fake_provider.url)), workers) as gateway:
        gateway.write_config("model_list:\n  - model_name: m\n   litellm_params: {model: x\n")
        reply = reload(gateway)
        assert reply.status == 422
        assert "config.yaml:3" in reply.message
        assert call(gateway, "m").status == 200


@both
def test_sighup_reads_it_anew(fake_provider: FakeProvider, workers: int) -> None:
    with started(text(model("m", fake_provider.url)), workers) as gateway:
        gateway.write_config(text(model("n", fake_provider.url)))
        gateway.process.send_signal(signal.SIGHUP)
        until(lambda: call(gateway, "n").status == 200, within=SEEN)
        for child in psutil.Process(gateway.pid).children():
            child.send_signal(signal.SIGHUP)  # as a terminal does, which tells all of its processes
        assert call(gateway, "n").status == 200


@both
def test_a_key_put_into_dotenv_is_used(fake_provider: FakeProvider, workers: int) -> None:
    with started(text(model("m", fake_provider.url)), workers, env={}) as gateway:
        refused = call(gateway, "m")
        assert refused.status == 401
        assert "FAKE_KEY" in refused.message
        (gateway.home / ".env").write_text("FAKE_KEY=sk-fake-wrong\n", encoding="utf-8")
        until(lambda: "FAKE_KEY is not set" not in call(gateway, "m").message, within=SEEN)
        wrong = call(gateway, "m")
        assert wrong.status == 401
        (gateway.home / ".env").write_text(f"FAKE_KEY={GOOD_KEY}\n", encoding="utf-8")
        until(lambda: call(gateway, "m").status == 200, within=SEEN)
        assert GOOD_KEY not in gateway.logs


def test_a_worker_that_is_killed_comes_back_with_what_was_good_last(fake_provider: FakeProvider) -> None:
    with started(text(model("m", fake_provider.url)), 2, allow_traceback=True) as gateway:
        gateway.write_config(text(model("n", fake_provider.url)))
        assert reload(gateway).status == 200
        version = running(gateway)["version"]
        gateway.write_config("model_list: {}\n")
        until(lambda: "reload_error" in running(gateway), within=SEEN)
        old = psutil.Process(gateway.pid).children()
        assert len(old) == 2
        for each in old:
            each.kill()
        pids = {each.pid for each in old}
        until(lambda: len({each.pid for each in psutil.Process(gateway.pid).children()} - pids) == 2, within=SEEN)
        until(lambda: _answers(gateway), within=SEEN)
        for _ in range(8):
            assert call(gateway, "n").status == 200
            told = running(gateway)
            assert told["version"] == version
            assert "config.yaml" in told["reload_error"], "a new worker knows what is refused"
        gateway.write_config(text(model("o", fake_provider.url)))
        assert reload(gateway).json["changed"] is True
        for _ in range(8):
            assert call(gateway, "o").status == 200


def _answers(gateway: Gateway) -> bool:
    try:
        return call(gateway, "n").status == 200
    except OSError:
        return False


@both
def test_the_master_key_is_changed_and_virtual_keys_stay(fake_provider: FakeProvider, workers: int) -> None:
    new = "sk-test-master-9999"
    general = "{master_key: os.environ/MY_MASTER}"
    config = text(model("m", fake_provider.url), general=general)
    env = {"FAKE_KEY": GOOD_KEY}
    with started(config, workers, env=env, files={".env": f"MY_MASTER={MASTER_KEY}\n"}) as gateway:
        since = running(gateway)["since"]
        made = ask(gateway.url, "/key/generate", {}, headers=KEY)
        assert made.status == 200
        virtual = made.json["key"]
        assert call(gateway, "m", key=virtual).status == 200
        (gateway.home / ".env").write_text(f"MY_MASTER={new}\n", encoding="utf-8")
        assert reload(gateway).status == 200
        for _ in range(6):
            assert call(gateway, "m").status == 401
            assert call(gateway, "m", key=new).status == 200
            assert call(gateway, "m", key=virtual).status == 200
        assert running(gateway, new)["since"] > since
        assert reload(gateway).status == 401
        assert reload(gateway, virtual).status == 403
        taken = ask(gateway.url, "/key/generate", {"key": new}, headers={**KEY, "authorization": f"Bearer {new}"})
        assert taken.status == 400, "nobody is given the new master key"


def test_without_a_key_only_this_machine_may_ask_for_it(fake_provider: FakeProvider) -> None:
    with started(text(model("m", fake_provider.url), general="{}")) as gateway:
        asked = {"content-type": "application/json"}
        reply = ask(gateway.url, "/config/reload", b"", headers=asked)
        assert (reply.status, reply.json["changed"]) == (200, False)
        assert ask(gateway.url, "/config/reload", b"", headers={**asked, "origin": "https://x.test"}).status == 403
        assert ask(gateway.url, "/config/reload", b"", headers={**asked, "host": "gateway.test"}).status == 403
        assert ask(gateway.url, "/config/reload").status == 405


@both
def test_a_new_price_is_charged_from_the_next_call_on(fake_provider: FakeProvider, workers: int) -> None:
    def prices(cents: str) -> str:
        row = {"input_cost_per_token": cents, "output_cost_per_token": cents, "mode": "chat"}
        return json.dumps({"anthropic/priced-1": row})

    config = text(model("m", fake_provider.url, "priced-1"), more="trunkline: {prices: prices.json}")
    with started(config, workers, files={"prices.json": prices("0.01")}) as gateway:
        assert call(gateway, "m", "SAY=ok IN=10 OUT=5").header("x-litellm-response-cost") == "0.15"
        (gateway.home / "prices.json").write_text(prices("0.02"), encoding="utf-8")
        until(lambda: call(gateway, "m", "SAY=ok IN=10 OUT=5").header("x-litellm-response-cost") == "0.3", within=SEEN)


@both
def test_what_needs_a_restart_is_named_and_nothing_else(fake_provider: FakeProvider, workers: int) -> None:
    row = model("m", fake_provider.url)
    with started(text(row), workers) as gateway:
        gateway.write_config(text(row, more="trunkline: {limits: {drain: 3, headers: 20000, body: 1000}}"))
        told = reload(gateway).json
        assert told["restart"] == ["trunkline.limits.headers", "trunkline.limits.drain"]
        assert running(gateway)["restart"] == told["restart"]
        until(lambda: "only after a restart: trunkline.limits.headers, trunkline.limits.drain" in gateway.stderr)
        assert call(gateway, "m", "x" * 2000).status == 413, "the rest holds"
        gateway.write_config(text(row))
        assert "restart" not in reload(gateway).json


def test_kept_answers_are_of_the_configuration_that_gave_them(fake_provider: FakeProvider) -> None:
    more = "litellm_settings: {cache: true}"
    with FakeProvider() as other, started(text(model("m", fake_provider.url), more=more)) as gateway:
        told = [call(gateway, "m").header("x-trunkline-cache") for _ in range(2)]
        assert told == ["miss", "hit"]
        gateway.write_config(text(model("m", other.url), more=more))
        assert reload(gateway).status == 200
        assert call(gateway, "m").header("x-trunkline-cache") == "miss"
        assert len(other.talks) == 1


@both
def test_many_ask_for_it_at_once(fake_provider: FakeProvider, workers: int) -> None:
    with started(text(model("m", fake_provider.url)), workers) as gateway:
        gateway.write_config(text(model("n", fake_provider.url)))
        found: list[Reply] = []
        asking = [threading.Thread(target=lambda: found.append(reload(gateway))) for _ in range(12)]
        for each in asking:
            each.start()
        for each in asking:
            each.join(30)
        assert [each.status for each in found] == [200] * 12
        assert {each.json["version"] for each in found} == {running(gateway)["version"]}
        assert call(gateway, "n").status == 200


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no terminals of this kind")
@both
def test_a_gateway_ends_with_the_terminal_it_was_started_from(fake_provider: FakeProvider, workers: int) -> None:
    gateway = Gateway(text(model("m", fake_provider.url)), args=["--workers", str(workers)])
    ours, theirs = os.openpty()
    opens = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL); os.setsid(); "
        "os.close(os.open(sys.argv[1], os.O_RDWR)); os.execv(sys.argv[2], sys.argv[2:])"
    )
    gateway.config_path.write_text(text(model("m", fake_provider.url)), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", opens, os.ttyname(theirs), *gateway.command()],
        cwd=gateway.home,
        env=clean_environment(gateway.home, {"FAKE_KEY": GOOD_KEY}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        gateway.url = process.stdout.readline().rsplit(" ", 1)[1].strip()
        until(lambda: ask(gateway.url, "/health").status == 200, within=SEEN)
        gateway.write_config(text(model("n", fake_provider.url)))
        process.send_signal(signal.SIGHUP)
        until(lambda: call(gateway, "n").status == 200, within=SEEN)
        os.close(theirs)
        os.close(ours)  # the kernel hangs up
        process.wait(SEEN)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
        gateway._clean()
