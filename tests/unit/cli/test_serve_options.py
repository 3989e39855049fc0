"""What `trunkline serve` makes of its flags."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from trunkline import app
from trunkline.cli import doctor
from trunkline.cli import serve as module
from trunkline.cli.flags import PARSED
from trunkline.serve.options import ServeOptions

ENVIRONMENT = (
    *("PORT", "HOST", "CONFIG_FILE_PATH", "LITELLM_LOG", "LITELLM_LOG_LEVEL", "DETAILED_DEBUG", "NUM_WORKERS"),
    *("SSL_KEYFILE_PATH", "SSL_CERTFILE_PATH", "KEEPALIVE_TIMEOUT", "DEBUG"),
)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[ServeOptions]:
    """What the server was started with."""
    started: list[ServeOptions] = []

    def note(options: ServeOptions) -> int:
        started.append(options)
        return 0

    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(app, "run", note)
    return started


def start(*args: str) -> Any:
    done = CliRunner().invoke(module.verb, list(args), standalone_mode=False)
    if isinstance(done.exception, click.UsageError):
        raise done.exception
    assert done.exception is None, done.output
    return done


def test_without_flags_it_is_loopback_and_the_configuration_s_own_port(served: list[ServeOptions]) -> None:
    start()
    assert served == [ServeOptions()]
    assert served[0].host == "127.0.0.1"
    assert served[0].ports == ()


def test_the_command_of_a_litellm_compose_file_runs(served: list[ServeOptions]) -> None:
    start("--config", "/app/config.yaml", "--port", "4000", "--detailed_debug")
    assert served[0].config == Path("/app/config.yaml")
    assert served[0].ports == (4000,)
    assert served[0].log_level == "debug"


def test_several_ports_and_either_spelling(served: list[ServeOptions]) -> None:
    start(
        "--port", "4000", "--port", "3000", "--num-workers", "4", "--ssl-keyfile-path", "k", "--ssl_certfile_path", "c"
    )
    assert served[0].ports == (4000, 3000)
    assert served[0].workers == 4
    assert (served[0].ssl_keyfile, served[0].ssl_certfile) == ("k", "c")


def test_the_environment_stands_for_flags(served: list[ServeOptions], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8001")
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("CONFIG_FILE_PATH", "c.yaml")
    monkeypatch.setenv("LITELLM_LOG", "ERROR")
    start()
    assert (served[0].ports, served[0].host, served[0].config) == ((8001,), "0.0.0.0", Path("c.yaml"))
    assert served[0].log_level == "error"
    start("--port", "4000")
    assert served[1].ports == (4000,)


def test_a_debug_variable_of_another_tool_is_no_flag(
    served: list[ServeOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "express:*")
    start()
    assert served[0].log_level == ""


def test_an_unknown_level_is_named_and_info_is_used(
    served: list[ServeOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITELLM_LOG", "chatty")
    done = start()
    assert "LITELLM_LOG" in done.stderr
    assert "chatty" in done.stderr
    assert served[0].log_level == "info"


@pytest.mark.parametrize("flag", PARSED, ids=lambda flag: flag.name)
def test_every_flag_without_meaning_parses_and_is_named(served: list[ServeOptions], flag: Any) -> None:
    done = start(f"--{flag.name}", *([] if flag.kind == "flag" else ["7"]))
    assert f"--{flag.name} has no effect here." in done.stderr
    assert len(served) == 1


@pytest.mark.parametrize("flag", ["--validate_config", "--skip_server_startup"])
def test_litellms_flags_that_only_look_at_the_file(served: list[ServeOptions], tmp_path: Path, flag: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("model_list: [{model_name: m, litellm_params: {model: demo/echo}}]\n", encoding="utf-8")
    done = CliRunner().invoke(module.verb, ["--config", str(file), flag], standalone_mode=False)
    assert (done.return_value, "Nothing to mend" in done.output) == (0, True)
    file.write_text("model_list: [{model_name: m, litellm_params: {modle: demo/echo}}]\n", encoding="utf-8")
    done = CliRunner().invoke(module.verb, ["--config", str(file), flag], standalone_mode=False)
    assert "config.yaml:1" in str(done.exception)
    assert served == [], "nothing is served"


@pytest.mark.parametrize("flag", ["--health", "--test"])
def test_litellms_flags_that_ask_a_running_gateway(
    served: list[ServeOptions], monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    asked: list[doctor.Wanted] = []

    def examine(wanted: doctor.Wanted) -> int:
        asked.append(wanted)
        return 1

    monkeypatch.setattr(doctor, "examine", examine)
    for words in (["--port", "4001"], []):
        done = CliRunner().invoke(module.verb, ["--config", "c.yaml", *words, flag], standalone_mode=False)
        assert (done.return_value, served) == (1, [])
    # Where no port is said, the configuration's own is looked at.
    assert [(wanted.url, wanted.up) for wanted in asked] == [("http://127.0.0.1:4001", True), (None, True)]
    assert {wanted.config for wanted in asked} == {Path("c.yaml")}


def test_one_model_without_a_configuration(served: list[ServeOptions]) -> None:
    start("-m", "openai/my-model", "--api_base", "http://127.0.0.1:9/v1", "--alias", "mine", "--max_tokens", "50",
          "--headers", '{"X-A": "b"}', "--request_timeout", "30", "--drop_params")  # fmt: skip
    assert served[0].model == "openai/my-model"
    names = [entry["model_name"] for entry in served[0].overlay["model_list"]]
    assert names == ["mine", "openai/my-model", "*"]
    assert served[0].overlay["model_list"][0]["litellm_params"] == {
        "model": "openai/my-model",
        "api_base": "http://127.0.0.1:9/v1",
        "max_tokens": 50,
        "extra_headers": {"X-A": "b"},
    }
    assert served[0].overlay["litellm_settings"] == {"request_timeout": 30.0, "drop_params": True}


def test_flags_of_one_model_beside_a_configuration_are_named(served: list[ServeOptions]) -> None:
    done = start("--config", "c.yaml", "--model", "gpt-4", "--api_base", "http://x")
    assert "--model, --api_base have no effect beside --config." in done.stderr
    assert served[0].model is None
    assert "model_list" not in served[0].overlay


def test_headers_must_be_an_object_of_strings(served: list[ServeOptions]) -> None:
    with pytest.raises(click.UsageError, match="--headers"):
        start("-m", "x/y", "--headers", "[1]")
    assert not served


def test_the_key_file_s_password_is_not_in_the_repr(served: list[ServeOptions]) -> None:
    start("--ssl_keyfile_path", "k", "--ssl_certfile_path", "c", "--ssl_keyfile_password", "hidden-1")
    assert served[0].ssl_keyfile_password == "hidden-1"
    assert "hidden-1" not in repr(served[0])
