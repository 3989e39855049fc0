"""`.env`, the process's environment and the file's own section: who wins, and how a name is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.config.environment import Environment, dotenv
from trunkline.config.load import load
from trunkline.errors import ConfigInvalid

MODEL = "model_list:\n  - {model_name: glm, litellm_params: {model: zai/glm-4.6, api_key: os.environ/ZAI_API_KEY}}\n"


def test_dotenv_is_read_as_written(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\ufeff# keys\n\nA=1\nexport B=\"x y\" # note\nC=$A\n\nD = 'z'\n")
    found, warnings = dotenv(tmp_path / ".env")
    assert dict(found) == {"A": "1", "B": "x y", "C": "$A", "D": "z"}
    assert found.origin("A") == ".env:3"
    assert found.origin("D") == ".env:7"
    assert not warnings


def test_a_line_that_sets_nothing_is_a_warning_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n'nonsense\nB=2\n")
    found, warnings = dotenv(tmp_path / ".env")
    assert found["A"] == "1"
    assert [warning.where for warning in warnings] == [".env:2"]


def test_no_dotenv_is_fine_and_a_binary_one_is_refused(tmp_path: Path) -> None:
    assert not dotenv(tmp_path / ".env")[0]
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe")
    with pytest.raises(ConfigInvalid, match="UTF-8"):
        dotenv(tmp_path / ".env")


def test_the_process_wins_over_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ZAI_API_KEY=sk-test-file\n")
    (tmp_path / "config.yaml").write_text(MODEL)
    [one] = load(tmp_path / "config.yaml", {}).groups["glm"]
    [other] = load(tmp_path / "config.yaml", {"ZAI_API_KEY": "sk-test-process"}).groups["glm"]
    assert one.key and one.key.value == "sk-test-file"
    assert other.key and other.key.value == "sk-test-process"


def test_a_placeholder_in_dotenv_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# keys\nZAI_API_KEY=<your-token>\n")
    (tmp_path / "config.yaml").write_text(MODEL)
    snapshot = load(tmp_path / "config.yaml", {})
    [deployment] = snapshot.groups["glm"]
    assert deployment.key is None
    assert "ZAI_API_KEY (.env:2) is still a placeholder" in deployment.key_missing
    [warning] = snapshot.warnings
    assert warning.kind == "key"
    assert "ZAI_API_KEY" in warning.message


def test_the_files_section_wins_as_in_litellm(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("environment_variables: {ZAI_API_KEY: os.environ/OTHER}\n" + MODEL)
    snapshot = load(path, {"ZAI_API_KEY": "sk-test-1", "OTHER": "sk-test-2"})
    key = snapshot.groups["glm"][0].key
    assert key and key.value == "sk-test-2"
    assert [warning.kind for warning in snapshot.warnings] == ["note"]


def test_nothing_of_the_values_is_shown() -> None:
    assert "sk-test-1" not in repr(Environment({"A": "sk-test-1"}))
