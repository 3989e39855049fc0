"""What a command line makes of a configuration that changes: what it says keeps holding, and what it forbids too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.making import snapshot as made
from trunkline.errors import ConfigInvalid
from trunkline.serve.configured import bound, read, tell_mounts
from trunkline.serve.options import ServeOptions

MODELS = "model_list: [{model_name: a, litellm_params: {model: openai/x, api_key: sk-a}}]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(MODELS + "general_settings: {master_key: sk-12345}\n")
    return path


def test_without_its_key_a_gateway_that_others_can_reach_is_refused(file: Path) -> None:
    options = ServeOptions(config=file, host="0.0.0.0")
    assert read(options, {}, False, []).master_key is not None
    file.write_text(MODELS)
    with pytest.raises(ConfigInvalid, match=r"--host 0\.0\.0\.0 can be reached"):
        read(options, {}, False, [])
    assert read(options, {}, True, []).master_key is None, "the image has its own guard"
    assert read(ServeOptions(config=file), {}, False, []).master_key is None


def test_flags_hold_over_every_reading(file: Path) -> None:
    laid = {"litellm_settings": {"request_timeout": 7}}
    options = ServeOptions(config=file, overlay=laid, concurrency=3, drain=1.0, ignore=frozenset({"custom_auth"}))
    for more in ("", "litellm_settings: {request_timeout: 9}\n", "trunkline: {limits: {streams: 9, drain: 9}}\n"):
        file.write_text(MODELS + "general_settings: {custom_auth: x.y}\n" + more)
        snapshot = read(options, {}, False, [])
        assert (snapshot.timeout, snapshot.limits.streams) == (7, 3)
        assert bound(options, {}, snapshot)["trunkline.limits.drain"] == 1.0


def test_a_port_and_a_level_hold_until_the_next_start_unless_flags_say_them(file: Path) -> None:
    file.write_text(MODELS + "trunkline: {port: 8001, log_level: debug}\n")
    plain, flags = ServeOptions(config=file), ServeOptions(config=file, ports=(4100,), log_level="info")
    told = bound(plain, {}, read(plain, {}, False, []))
    assert (told["trunkline.port"], told["trunkline.log_level"]) == (8001, "debug")
    told = bound(flags, {}, read(flags, {}, False, []))
    assert (told["trunkline.port"], told["trunkline.log_level"]) == (None, "")


def test_rules_for_keys_that_no_key_could_be_held_to_are_refused(file: Path) -> None:
    file.write_text(MODELS + "litellm_settings: {upperbound_key_generate_params: {max_budget: much}}\n")
    with pytest.raises(ConfigInvalid, match="upperbound_key_generate_params"):
        read(ServeOptions(config=file), {}, False, [])


def test_the_salt_of_stored_keys_cannot_be_changed(file: Path) -> None:
    options, salts = ServeOptions(config=file), []
    for text in ("LITELLM_SALT_KEY=one", "LITELLM_SALT_KEY=two"):
        (file.parent / ".env").write_text(text)
        salts.append(bound(options, {}, read(options, {}, False, []))["LITELLM_SALT_KEY"])
    assert salts == ["one", "two"]
    process = {"LITELLM_SALT_KEY": "three"}
    assert bound(options, process, read(options, process, False, []))["LITELLM_SALT_KEY"] == "three"


def test_a_file_that_is_mounted_by_itself_is_warned_of(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trunkline.serve.configured.mounted_alone", lambda path: path == file)
    tell_mounts(made(files=(file, file.parent / ".env")), container=True)
    (line,) = caplog.messages
    assert line.startswith(f"{file} is mounted as a single file")
    assert "docker compose restart" in line
