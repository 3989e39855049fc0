"""`trunkline check` and the doctor's rows on a configuration, given what was understood of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import pytest
from rich.console import Console

from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import find
from trunkline.cli import check, check_table, config_findings, models
from trunkline.config.load import load
from trunkline.config.schema import ConfigWarning, Deployment, Door, Secret, Snapshot
from trunkline.errors import ConfigInvalid

Give = Callable[[Snapshot | ConfigInvalid], None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Give:
    """What reading the configuration comes to."""

    def give(outcome: Snapshot | ConfigInvalid) -> None:
        def reading(*_: object) -> Snapshot:
            if isinstance(outcome, ConfigInvalid):
                raise outcome
            return outcome

        for module in (check, models):
            monkeypatch.setattr(module, "read", reading)

    return give


def deployment(group: str, *, key: str = "", missing: str = "") -> Deployment:
    provider = find("zai")
    assert provider is not None
    return Deployment(
        id=group,
        group=group,
        provider=provider,
        model=group,
        doors={"anthropic": Door("https://api.z.ai/api/anthropic", "bearer")},
        key=Secret("sk-test-1", key) if key else None,
        key_missing=missing,
        where="config.yaml:3",
    )


def test_a_sound_configuration_is_shown_and_passes(given: Give, capsys: pytest.CaptureFixture[str]) -> None:
    note = ConfigWarning("config.yaml:1", "Read as LiteLLM's.", kind="note")
    given(Snapshot(groups={"glm-5.3": (deployment("glm-5.3", key="ZAI_API_KEY"),)}, warnings=(note,)))
    assert check.report(Path("config.yaml")) == 0
    shown = capsys.readouterr().out
    for part in ("glm-5.3", "zai/glm-5.3", "ZAI_API_KEY", "config.yaml:3", "config.yaml:1: Read as"):
        assert part in shown
    assert "sk-test-1" not in shown


def test_a_doubt_is_shown_with_its_line_and_fails(given: Give, capsys: pytest.CaptureFixture[str]) -> None:
    doubt = ConfigWarning("config.yaml:7", "`modle` is unknown.", "Did you mean `model`?", "unknown")
    given(Snapshot(groups={}, warnings=(doubt,)))
    assert check.report(None) == 1
    assert "config.yaml:7: `modle` is unknown. Did you mean `model`?" in capsys.readouterr().out
    assert check.report(None, as_data=True) == 1
    read = json.loads(capsys.readouterr().out)
    assert read["ok"] is False
    assert read["warnings"][0]["where"] == "config.yaml:7"


def test_the_doctor_names_the_provider_without_a_key() -> None:
    missing = "No key for Z.AI: ZAI_API_KEY is still a placeholder. Put a key there."
    read = Snapshot(groups={"glm-5.3": (deployment("glm-5.3", missing=missing),)})
    (found,) = [row for row in config_findings.on(read, {}) if row.check == "key"]
    assert found.state == "fail"
    assert "ZAI_API_KEY is still a placeholder" in found.seen
    assert found.remedy == "Put a key there."


def test_one_working_key_of_a_provider_makes_a_missing_one_a_warning() -> None:
    both = (
        deployment("glm-5.3", key="ZAI_API_KEY"),
        deployment("glm-5.3", missing="No key: OTHER is not set. Set it."),
    )
    read = Snapshot(groups={"glm-5.3": both})
    states = [row.state for row in config_findings.on(read, {}) if row.check == "key"]
    assert states == ["ok", "warn"]


def test_a_chain_that_ends_at_somebody_without_a_key_needs_none() -> None:
    first = deployment("glm-5.3", missing="No key: ZAI_API_KEY is not set. Set it.")
    last = deployment("local", key="OTHER")
    read = Snapshot(groups={"glm-5.3": (first,), "local": (replace(last, provider=ollama()),)})
    states = [[row.state for row in config_findings.on(each, {}) if row.code] for each in (
        read, replace(read, fallbacks={"glm-5.3": ("local",)}))]  # fmt: skip
    assert states == [["fail"], ["warn"]]


def ollama() -> Provider:
    found = find("ollama")
    assert found is not None
    return found


def test_a_configuration_that_cannot_be_read_is_one_finding() -> None:
    found = config_findings.refused(ConfigInvalid("config.yaml:2: this is no mapping.", remedy="Indent it."))
    assert (found.state, found.remedy) == ("fail", "Indent it.")


def test_models_without_a_key_are_listed_on_demand(given: Give, capsys: pytest.CaptureFixture[str]) -> None:
    with_key, without = deployment("good", key="ZAI_API_KEY"), deployment("keyless", missing="No key.")
    given(Snapshot(groups={"good": (with_key,), "keyless": (without,)}, aliases={"best": "good"}))
    assert models.verb.main(["--json"], standalone_mode=False) == 0
    assert [row["model"] for row in json.loads(capsys.readouterr().out)] == ["good"]
    assert models.verb.main(["--json", "--all"], standalone_mode=False) == 0
    assert [row["model"] for row in json.loads(capsys.readouterr().out)] == ["good", "keyless", "best"]


def test_what_cannot_be_served_is_json_too(given: Give, capsys: pytest.CaptureFixture[str]) -> None:
    given(ConfigInvalid("config.yaml:2: this is no mapping.", remedy="Indent it."))
    assert check.report(Path("config.yaml"), as_data=True) == 1
    assert json.loads(capsys.readouterr().out)["remedy"] == "Indent it."
    with pytest.raises(ConfigInvalid):
        check.report(Path("config.yaml"))


def test_a_real_file_is_read_with_its_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "model_list:\n"
        "  - model_name: glm\n"
        "    litellm_params:\n"
        "      model: zai/glm-5.3\n"
        "      api_key: sk-test-1\n"
        "      temprature: 0.5\n"
    )
    assert check.report(file) == 1
    shown = capsys.readouterr().out
    assert "config.yaml:6" in shown
    assert "temperature" in shown
    assert "sk-test-1" not in shown


def test_a_file_is_written_anew_and_its_keys_are_named_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "model_list:\n"
        "  - model_name: glm\n"
        "    litellm_params: {model: zai/glm-5.3, api_key: sk-test-1234}\n"
        "router_settings: {max_retries: 2}\n"
    )
    assert check.verb.main(["--migrate", str(file)], standalone_mode=False) == 0
    out, err = capsys.readouterr()
    assert "num_retries: 2" in out
    assert "sk-test-1234" not in out + err
    assert "config.yaml:3 api_key. Put it into ZAI_API_KEY" in err
    with pytest.raises(click.UsageError):
        check.verb.main(["--migrate", "--json", str(file)], standalone_mode=False)


def test_settings_are_found_by_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.verb.main(["--keys", "cooldown"], standalone_mode=False) == 0
    shown = capsys.readouterr().out
    assert "router_settings.cooldown_time: seconds, default 5" in shown
    assert "](" not in shown
    assert check.verb.main(["--keys", "nothing-like-it"], standalone_mode=False) == 1


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "model_list:\n"
        "  - model_name: a-rather-long-name-of-a-model\n"
        "    litellm_params: {model: zai/glm-4.6, api_key: os.environ/A_RATHER_LONG_NAME_OF_A_KEY, rpm: 60}\n"
        "litellm_settings: {drop_prams: true, default_fallbacks: [demo/echo]}\n"
    )
    drawn = Console(force_terminal=True, width=columns, file=io.StringIO(), highlight=False)
    monkeypatch.setattr(check_table, "console", lambda: drawn)
    check_table.show(load(file, {}))
    assert isinstance(drawn.file, io.StringIO)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", drawn.file.getvalue()).splitlines()
    assert max(map(len, lines)) <= columns
    text = " ".join(lines)
    for part in ("0.6 in, 2.2 out", "rpm 60", "no key", "else demo/echo", "line 2", "config.yaml:4:"):
        assert part in text


def test_json_is_what_the_page_promises(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "check.md").read_text(encoding="utf-8")
    file = tmp_path / "config.yaml"
    file.write_text("model_list: [{model_name: glm, litellm_params: {model: zai/glm-4.6}}]\n")
    data = check.as_rows(load(file, {}))
    rows, warnings = data["models"], data["warnings"]
    assert isinstance(rows, list) and isinstance(warnings, list)
    assert {key for key in (*data, *rows[0], *warnings[0]) if f"`{key}`" not in page} == set()
    assert warnings[0]["counts"] is True
