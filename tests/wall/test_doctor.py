"""`trunkline doctor` on real sockets and files: each thing that goes wrong is named, with what to do about it."""

from __future__ import annotations

import datetime
import email.utils
import json
import os
import re
import socket
import ssl
import stat
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
import trustme

from tests.fake import FakeProvider
from tests.harness import MASTER_KEY, Gateway, clean_environment, nobodys_port
from tests.wall.examining import doctor, models, server_tls
from tests.wall.relay import ConnectProxy

GOOD = "sk-fake-good"
SCRIPT = Path(__file__).parents[2] / "scripts" / "test-proxy.sh"


def openai(base: str, model: str = "gpt-5.6-sol", key: str = GOOD) -> str:
    return models(("m", f'model: openai/{model}, api_base: "{base}", api_key: {key}'))


def test_a_call_that_works_is_told_with_its_price_and_nothing_is_kept(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        config = models(
            ("chat", f'model: openai/gpt-5.6-sol, api_base: "{fake.url}/v1", api_key: {GOOD}'),
            ("same", f'model: openai/gpt-5.6-sol, api_base: "{fake.url}/v1", api_key: {GOOD}'),
            ("sonnet", f'model: anthropic/claude-sonnet-5-5, api_base: "{fake.url}", api_key: {GOOD}'),
            ("vectors", f'model: openai/text-embedding-3-small, api_base: "{fake.url}/v1", api_key: {GOOD}'),
            ("gemini", f'model: gemini/gemini-3.8-flash, api_base: "{fake.url}/v1beta", api_key: {GOOD}'),
            ("any/*", f'model: openai/*, api_base: "{fake.url}/v1", api_key: {GOOD}'),
            ("demo", "model: demo/echo"),
        )
        fake.program({"headers": [["date", email.utils.formatdate(usegmt=True)]], "times": -1})
        found = doctor(tmp_path, config)
        assert [row["state"] for row in found.all("call")] == ["ok"] * 5, found.rows
        assert "(chat, same)" in found.one("call", "gpt-5.6-sol")["seen"]
        assert found.one("call", "gpt-5.6-sol")["cost_usd"] > 0
        assert "7 models are listed" in found.one("call", "openai/*")["seen"]
        assert found.one("clock")["state"] == "ok"
        assert sorted(one.path for one in fake.talks) == sorted(
            [
                "/v1/chat/completions",
                "/v1/messages",
                "/v1/embeddings",
                "/v1beta/models/gemini-3.8-flash:generateContent",
            ]
        )
    assert found.code == 0
    assert "Asking 4 deployments" in found.said
    assert not list((tmp_path / "trunkline").glob("**/*.db"))


def test_without_a_file_a_key_is_tried_once_with_its_cheapest_model(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        found = doctor(tmp_path, None, env={"OPENAI_API_KEY": GOOD, "OPENAI_API_BASE": f"{fake.url}/v1"})
        assert len(fake.talks) == 1
    assert {row["state"] for row in found.all("call")} == {"ok"}


def test_no_calls_asks_nobody(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        found = doctor(tmp_path, openai(f"{fake.url}/v1"), "--no-calls")
        assert not fake.requests
    assert not found.all("call")
    assert "Asking" not in found.said


@pytest.mark.parametrize(("written", "right", "word"), [("/v1/v1", "/v1", "twice"), ("/v2", "/v1", "not where")])
def test_a_wrong_path_is_told_with_the_right_one(tmp_path: Path, written: str, right: str, word: str) -> None:
    with FakeProvider(closed=[written]) as fake:
        found = doctor(tmp_path, openai(fake.url + written)).one("call")
    assert (found["state"], found["code"]) == ("fail", "address.path")
    assert word in found["seen"]
    assert f"`api_base: {fake.url}{right}`" in found["remedy"]


def test_a_missing_v1_is_told(tmp_path: Path) -> None:
    with FakeProvider(closed=["/chat/completions", "/models"]) as fake:
        found = doctor(tmp_path, openai(fake.url)).one("call")
    assert found["code"] == "address.path"
    assert "`/v1` is missing" in found["seen"]
    assert f"`api_base: {fake.url}/v1`" in found["remedy"]


def test_a_v1_too_much_is_told(tmp_path: Path) -> None:
    with FakeProvider(closed=["/llm/v1"]) as fake:
        found = doctor(tmp_path, openai(f"{fake.url}/llm/v1")).one("call")
    assert found["code"] == "address.path"
    assert "`/v1` is too much" in found["seen"]


def test_a_page_in_place_of_an_api_is_told_with_the_right_path(tmp_path: Path) -> None:
    with FakeProvider(closed=["/web/models", "/web/v1"]) as fake:
        fake.program({"html": 200, "path": "/web/chat", "times": -1})
        found = doctor(tmp_path, openai(f"{fake.url}/web")).one("call")
    assert found["code"] == "address.path"
    assert f"{fake.url}/v1" in found["remedy"]


def test_an_address_where_nothing_is_an_api(tmp_path: Path) -> None:
    with FakeProvider(closed=["/"]) as fake:
        found = doctor(tmp_path, openai(f"{fake.url}/v1")).one("call")
    assert found["code"] == "address.unknown"
    assert "config.yaml:" in found["remedy"]


def test_a_pattern_where_no_list_is_found_proves_nothing(tmp_path: Path) -> None:
    with FakeProvider(closed=["/"]) as fake:
        found = doctor(tmp_path, models(("x/*", f'model: openai/*, api_base: "{fake.url}/v1", api_key: {GOOD}')))
    assert (found.code, found.one("call")["state"]) == (0, "note")


def test_a_model_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    with FakeProvider(models=("gpt-5.6-sol", "missing-gpt-5")) as fake:
        found = doctor(tmp_path, openai(f"{fake.url}/v1", "missing-gpt-4")).one("call")
    assert found["code"] == "model.unknown"
    assert "Did you mean `missing-gpt-5`?" in found["remedy"]


def test_a_wrong_key_is_told_by_where_it_came_from_and_never_shown(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        config = models(("m", f'model: anthropic/claude-sonnet-5-5, api_base: "{fake.url}", api_key: os.environ/MINE'))
        found = doctor(tmp_path, config, env={"MINE": "k-0123456789-wrong"})
    row = found.one("call")
    assert (row["state"], row["code"]) == ("fail", "key.refused")
    assert "MINE" in row["remedy"]
    assert "0123456789" not in str(found.rows)


def test_no_key_where_one_is_wanted(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        config = models(("m", f'model: openai/gpt-5.6-sol, api_base: "{fake.url}/v1"'))
        found = doctor(tmp_path, config).one("call")
    assert found["code"] == "key.none"


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    found = doctor(tmp_path, openai("http://nowhere.invalid/v1")).one("call")
    assert (found["state"], found["code"]) == ("fail", "network.dns")
    assert "nowhere.invalid" in found["seen"]


def test_one_key_is_never_asked_twice_at_a_time(tmp_path: Path) -> None:
    names = ("gpt-5.6-sol", "gpt-5.2", "gpt-5.1")
    with FakeProvider() as fake:
        rows = ((name, f'model: openai/{name}, api_base: "{fake.url}/v1", api_key: {GOOD}') for name in names)
        fake.program({"delay": 0.2, "times": -1})
        doctor(tmp_path, models(*rows))
        times = sorted(one.arrived for one in fake.talks)
    assert len(times) == 3
    assert all(before + 0.2 <= after for before, after in pairwise(times))


def test_a_port_where_nobody_is(tmp_path: Path) -> None:
    found = doctor(tmp_path, openai(f"http://127.0.0.1:{nobodys_port()}/v1")).one("call")
    assert found["code"] == "network.refused"


def tls_code(tmp_path: Path, context: ssl.SSLContext, trusted: trustme.CA | None) -> dict[str, object]:
    env = {}
    if trusted is not None:
        trusted.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        env = {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}
    with FakeProvider(tls=context) as fake:
        row = doctor(tmp_path, openai(f"{fake.url}/v1"), env=env).one("call")
        assert not fake.talks
    assert row["state"] == "fail"
    return row


def test_each_way_in_which_a_certificate_is_no_good_is_told_apart(tmp_path: Path) -> None:
    authority = trustme.CA()
    unknown = tls_code(tmp_path, server_tls(authority, "127.0.0.1"), None)
    assert unknown["code"] in ("tls.untrusted", "tls.self_signed")
    assert "SSL_CERT_FILE" in str(unknown["remedy"])
    other = tls_code(tmp_path, server_tls(authority, "elsewhere.example"), authority)
    assert other["code"] == "tls.name"
    assert "elsewhere.example" in str(other["seen"]) or "127.0.0.1" in str(other["seen"])
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    old = tls_code(tmp_path, server_tls(authority, "127.0.0.1", not_after=long_ago), authority)
    assert old["code"] == "tls.expired"
    assert "clock" in str(old["remedy"])
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    selfmade = trustme.CA()
    selfmade.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    selfmade.private_key_pem.write_to_path(str(tmp_path / "own.key"))
    own.load_cert_chain(tmp_path / "own.pem", tmp_path / "own.key")
    assert tls_code(tmp_path, own, None)["code"] == "tls.self_signed"


def test_tls_spoken_to_a_plain_port(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        found = doctor(tmp_path, openai(fake.url.replace("http:", "https:") + "/v1")).one("call")
    assert found["code"] == "tls.handshake"
    assert "http://" in found["remedy"]


def test_a_proxy_that_is_not_there_and_one_that_says_no(tmp_path: Path) -> None:
    config = openai("https://llm.example/v1")
    down = doctor(tmp_path, config, env={"HTTPS_PROXY": f"http://127.0.0.1:{nobodys_port()}"})
    assert down.one("proxy")["code"] == "proxy.down"
    assert down.one("call")["code"] == "network.proxy"
    with ConnectProxy({}) as proxy:
        refusing = doctor(tmp_path, config, env={"HTTPS_PROXY": proxy.url})
        assert proxy.asked == ["llm.example:443"]
    assert refusing.one("proxy")["state"] == "ok"
    assert refusing.one("call")["code"] == "network.proxy"
    assert "502" in refusing.one("call")["seen"]


def test_a_proxy_that_would_be_asked_for_this_machine(tmp_path: Path) -> None:
    with ConnectProxy({}) as proxy:
        env = {"HTTP_PROXY": proxy.url, "NO_PROXY": ""}
        captured = [
            row for row in doctor(tmp_path, None, "--no-calls", env=env).rows if row["code"] == "proxy.loopback"
        ]
        assert len(captured) == 1
        assert "NO_PROXY=localhost,127.0.0.1" in captured[0]["remedy"]
        env["NO_PROXY"] = "localhost,127.0.0.1"
        spared = doctor(tmp_path, None, "--no-calls", env=env)
    assert not [row for row in spared.rows if row["code"] == "proxy.loopback"]


def test_a_clock_that_is_off(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        then = email.utils.formatdate(time.time() - 3 * 3600, usegmt=True)
        fake.program({"headers": [["date", then]], "times": -1})
        row = doctor(tmp_path, openai(f"{fake.url}/v1")).one("clock")
    assert (row["state"], row["code"]) == ("fail", "clock.off")
    assert "3 hours ahead" in row["seen"]


def test_a_placeholder_is_named_with_its_variable(tmp_path: Path) -> None:
    config = models(("m", "model: zai/glm-4.6, api_key: os.environ/ZAI_API_KEY"))
    found = doctor(tmp_path, config, dotenv="ZAI_API_KEY=<your-token>\n")
    (row,) = [row for row in found.all("key") if row["state"] == "fail"]
    assert row["code"] == "key.missing"
    assert "ZAI_API_KEY" in row["seen"]
    assert "placeholder" in row["seen"]
    assert not found.all("call")


def test_a_placeholder_is_named_without_a_configuration_too(tmp_path: Path) -> None:
    found = doctor(tmp_path, None, "--no-calls", dotenv="ZAI_API_KEY=<your-token>\n")
    row = found.one("key")
    assert (row["state"], row["code"], found.code) == ("fail", "key.missing", 1)
    assert "ZAI_API_KEY (.env:1) is still a placeholder" in row["seen"]
    assert "https://z.ai/manage-apikey" in row["remedy"]
    other = doctor(tmp_path, None, "--no-calls", env={"OPENAI_API_KEY": GOOD})
    assert sorted(row["state"] for row in other.all("key")) == ["ok", "warn"]


def test_what_copying_left_around_a_key_is_told_and_mended(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        config = models(("m", f'model: openai/gpt-5.6-sol, api_base: "{fake.url}/v1", api_key: os.environ/MY_KEY'))
        written = f"# mine\nOTHER=1\n\nMY_KEY='Bearer {GOOD} '\n"
        found = doctor(tmp_path, config, dotenv=written)
        (row,) = [row for row in found.all(".env") if row["code"] == "env.stray"]
        assert row["fixable"]
        assert "MY_KEY (.env:4)" in row["seen"]
        assert "Bearer" in row["seen"]
        assert found.one("call")["code"] == "key.refused"
        assert (tmp_path / ".env").read_text() == written
        (tmp_path / ".env").chmod(0o644)
        mended = doctor(tmp_path, config, "--fix")
        assert mended.one("call")["state"] == "ok"
    assert (tmp_path / ".env").read_text() == f"# mine\nOTHER=1\n\nMY_KEY={GOOD}\n"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    (kept,) = tmp_path.glob(".env.*.bak")
    assert kept.read_text() == written
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "- MY_KEY='Bearer [key] '" in mended.said
    assert "+ MY_KEY=[key]" in mended.said
    assert mended.said.index("fix: ") < mended.said.index("is mended")
    assert GOOD not in mended.said


def test_an_env_that_others_can_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    (tmp_path / ".env").chmod(0o644)
    (row,) = [row for row in doctor(tmp_path, None, "--no-calls").all(".env") if row["code"]]
    assert (row["state"], row["code"], row["fixable"]) == ("warn", "env.readable", True)


def test_an_env_that_became_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    (row,) = doctor(tmp_path, None, "--no-calls", "--fix").all(".env")
    assert (row["state"], row["code"], row["fixable"]) == ("warn", "env.folder", False)


def test_ollama_that_does_not_run_and_a_model_that_is_not_pulled(tmp_path: Path) -> None:
    down = doctor(tmp_path, models(("m", f'model: ollama/mistral, api_base: "http://127.0.0.1:{nobodys_port()}"')))
    assert down.one("call")["code"] == "ollama.down"
    assert "ollama serve" in down.one("call")["remedy"]
    with FakeProvider(ollama=True) as fake:
        found = doctor(tmp_path, models(("m", f'model: ollama/mistral, api_base: "{fake.url}"'))).one("call")
    assert (found["state"], found["code"], found["fixable"]) == ("fail", "ollama.not_pulled", True)
    assert "`trunkline pull mistral`" in found["remedy"]
    assert "qwen3:8b" in found["seen"]


def test_a_model_that_is_missing_is_pulled_when_it_is_told_to_fix(tmp_path: Path) -> None:
    with FakeProvider(ollama=True) as fake:
        found = doctor(tmp_path, models(("m", f'model: ollama/mistral, api_base: "{fake.url}"')), "--fix")
        assert "/api/pull" in [one.path for one in fake.requests]
    assert found.one("call")["state"] == "ok"
    assert "fix: Pull mistral into Ollama" in found.said
    assert found.code == 0


def test_with_a_gateway_the_script_says_that_all_is_well(tmp_path: Path) -> None:
    with FakeProvider() as fake:
        config = f"{openai(f'{fake.url}/v1')}general_settings: {{master_key: {MASTER_KEY}}}\n"
        with Gateway(config, home=tmp_path) as gateway:
            env = {"LITELLM_MASTER_KEY": MASTER_KEY}
            bin_of = str(Path(sys.executable).parent)
            done = subprocess.run(
                ["sh", str(SCRIPT), "--url", gateway.url, "--json"],
                cwd=tmp_path,
                env={**clean_environment(tmp_path, env), "PATH": f"{bin_of}:{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row["check"]: row for row in json.loads(done.stdout)["checks"]}
    for check in ("engine", "configuration", "key", "call", "service", "health", "round trip"):
        assert rows[check]["state"] == "ok", rows[check]


def test_a_port_that_another_program_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        url = f"http://127.0.0.1:{stranger.getsockname()[1]}"
        row = doctor(tmp_path, None, "--no-calls", "--url", url).one("service")
    assert (row["state"], row["code"]) == ("fail", "port.taken")
    assert "--port" in row["remedy"]


def test_where_a_plain_claude_goes_and_with_which_keys(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    settings = '{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000", "ANTHROPIC_AUTH_TOKEN": "k-in-a-file"}}'
    (tmp_path / ".claude/settings.json").write_text(settings)
    env = {"ANTHROPIC_BASE_URL": "https://api.z.ai/api/anthropic", "ANTHROPIC_API_KEY": "k-in-the-environment"}
    found = doctor(tmp_path, None, "--no-calls", env=env)
    assert "http://127.0.0.1:4000" in found.one("claude address")["seen"]
    assert "settings.json" in found.one("claude address")["seen"]
    assert found.one("claude key")["code"] == "claude.both_keys"
    assert found.one("claude settings")["code"] == "claude.settings"
    assert "k-in-" not in str(found.rows)


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits_a_terminal_of(tmp_path: Path, columns: int) -> None:
    (tmp_path / "config.yaml").write_text(
        openai("http://nowhere.invalid/a/rather/long/path/to/an/api/that/is/not/there")
    )
    command = [sys.executable, "-m", "trunkline", "doctor", "--config", "config.yaml"]
    here, there = os.openpty()
    try:
        env = clean_environment(tmp_path, {"COLUMNS": str(columns), "TERM": "xterm"})
        done = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=there, stderr=subprocess.DEVNULL, stdin=there)
        os.close(there)
        shown = b""
        while piece := _read(here):
            shown += piece
        assert done.wait(60) == 1
    finally:
        os.close(here)
    lines = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown).decode().replace("\r", "").splitlines()
    assert max(map(len, lines)) <= columns
    assert "1 failed" in lines[-1]
    assert any(line.startswith("call ") and "FAILED" in line for line in lines)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side has closed
        return b""
