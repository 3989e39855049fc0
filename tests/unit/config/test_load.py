"""Files that cannot be opened, runs without a file, and that any text either loads or is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trunkline.config.load import load
from trunkline.config.schema import Allowance, Snapshot
from trunkline.errors import ConfigInvalid


def without_file(tmp_path: Path, **environ: str) -> Snapshot:
    return load(None, environ, cwd=tmp_path)


def base(snapshot: Snapshot, pattern: str) -> tuple[str, str]:
    [deployment] = dict(snapshot.wildcards)[pattern]
    return deployment.provider.name, deployment.model


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(b"a: 1\nb: \xff\xfe"), "config.yaml:2: the file is not UTF-8"),
        (lambda path: path.write_bytes("a: 1".encode("utf-16")), "not UTF-8"),
        (lambda path: path.write_text("- a"), "a list"),
        (lambda path: path.write_bytes(b"#" * (4 * 1024 * 1024 + 1)), "larger"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, make: object, says: str) -> None:
    path = tmp_path / "config.yaml"
    assert callable(make)
    make(path)
    with pytest.raises(ConfigInvalid) as refused:
        load(path, {})
    assert says in refused.value.message
    assert refused.value.remedy


def test_without_file_and_key_the_demo_answers_as_claude(tmp_path: Path) -> None:
    snapshot = without_file(tmp_path)
    assert list(snapshot.groups) == ["demo/echo"]
    assert base(snapshot, "claude-*") == ("demo", "echo")
    assert not snapshot.warnings
    assert snapshot.file is None


def test_a_zai_key_alone_serves_claude_with_glm(tmp_path: Path) -> None:
    snapshot = without_file(tmp_path, ZAI_API_KEY="sk-test-1")
    assert base(snapshot, "claude-*")[0] == "zai"
    flagship, quick = base(snapshot, "claude-*")[1], base(snapshot, "claude-*haiku*")[1]
    assert flagship.startswith("glm-") and quick.startswith("glm-") and flagship != quick
    order = [pattern for pattern, _ in snapshot.wildcards]
    assert order.index("claude-*haiku*") < order.index("claude-*")
    assert list(dict(snapshot.wildcards)["zai/claude-*"][0].doors) == ["anthropic"]
    assert snapshot.groups["glm-4.6"][0].key


def test_anthropic_has_its_own_names_when_it_has_a_key(tmp_path: Path) -> None:
    snapshot = without_file(tmp_path, ZAI_API_KEY="sk-test-1", ANTHROPIC_API_KEY="sk-test-2")
    assert base(snapshot, "claude-*") == ("anthropic", "claude-*")
    assert "claude-*haiku*" not in dict(snapshot.wildcards)


def test_ollama_is_found_by_its_host(tmp_path: Path) -> None:
    snapshot = without_file(tmp_path, OLLAMA_HOST="0.0.0.0")
    [deployment] = dict(snapshot.wildcards)["ollama/*"]
    assert deployment.doors["ollama"].base == "http://127.0.0.1:11434"
    assert not deployment.key_missing


def test_a_placeholder_in_the_environment_counts_as_missing(tmp_path: Path) -> None:
    snapshot = without_file(tmp_path, ZAI_API_KEY="<your-token>")
    assert base(snapshot, "claude-*") == ("demo", "echo")
    [warning] = snapshot.warnings
    assert warning.kind == "key"
    assert warning.where == "ZAI_API_KEY"


def test_dotenv_of_the_working_folder_counts_only_without_a_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ZAI_API_KEY=sk-test-1\n")
    assert base(without_file(tmp_path), "claude-*")[0] == "zai"


def test_clients_base_urls_are_no_upstreams(tmp_path: Path) -> None:
    environ = {"ANTHROPIC_API_KEY": "sk-test-1", "ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}
    [deployment] = dict(without_file(tmp_path, **environ).wildcards)["anthropic/*"]
    assert deployment.doors["anthropic"].base == "https://api.anthropic.com"


def test_the_command_line_is_laid_over(tmp_path: Path) -> None:
    models = [{"model_name": name, "litellm_params": {"model": "zai/glm-4.6"}} for name in ("zai/glm-4.6", "*")]
    overlay = {"model_list": models, "litellm_settings": {"drop_params": True, "request_timeout": 7}}
    snapshot = load(None, {"ZAI_API_KEY": "sk-test-1"}, overlay=overlay, cwd=tmp_path)
    assert base(snapshot, "*") == ("zai", "glm-4.6")
    assert snapshot.drop_params
    assert snapshot.timeout == 7
    limited = load(None, {}, overlay={"litellm_settings": {"max_budget": 3.0}}, cwd=tmp_path)
    assert limited.allowances.gateway == Allowance(3_000_000_000)


def test_a_star_for_any_model_means_every_provider_with_a_key(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text('model_list: [{model_name: "*", litellm_params: {model: "*"}}]\n')
    snapshot = load(path, {"OPENAI_API_KEY": "sk-test-1", "ZAI_API_KEY": "sk-test-2"})
    assert {"openai/*", "zai/*"} <= dict(snapshot.wildcards).keys()
    assert snapshot.groups["glm-4.6"][0].where == "config.yaml:1"


GLM = "model_list: [{model_name: glm, litellm_params: {model: zai/glm-4.6, api_key: sk-test-1}}]\n"
KEYS = [
    "model_list", "model_name", "litellm_params", "model", "api_key", "api_base", "fallbacks", "master_key", "rpm",
    "router_settings", "litellm_settings", "general_settings", "trunkline", "environment_variables", "model_info",
    "model_group_alias", "timeout", "limits", "extra_headers", "weight", "callbacks", "input_cost_per_token", "plan",
    "retry_policy", "default_fallbacks", "completion_model", "custom_llm_provider", "resume", "prices", "id", "queue",
]  # fmt: skip
WORDS = ["zai/glm-4.6", "*", "openai/*", "a", "os.environ/X", "${X}", "${", "http://x", "http://[", "1e999", "off", ""]
LEAF = st.sampled_from(WORDS) | st.integers() | st.floats() | st.booleans() | st.none() | st.text(max_size=8)
TREE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=12,
)
ENTRY = st.fixed_dictionaries(
    {
        "model_name": LEAF,
        "litellm_params": st.dictionaries(st.sampled_from(KEYS), TREE).map(lambda d: {"model": "zai/g"} | d),
    }
)
SECTION = st.dictionaries(st.sampled_from(KEYS), TREE, max_size=4)
FILE = st.fixed_dictionaries(
    {},
    optional={
        "model_list": st.lists(ENTRY, max_size=2),
        "litellm_settings": SECTION,
        "router_settings": SECTION,
        "general_settings": SECTION,
        "trunkline": SECTION,
        "environment_variables": st.dictionaries(st.text(max_size=4), LEAF, max_size=2),
    },
)


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(FILE.map(yaml.safe_dump) | TREE.map(json.dumps))
def test_any_configuration_loads_or_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        assert isinstance(load(path, {"X": "sk-test-1"}), Snapshot)
    except ConfigInvalid as refused:
        assert refused.remedy


def test_a_database_in_the_file_is_kept_and_the_record_is_said_to_be_in_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("general_settings:\n  database_url: os.environ/DATABASE_URL\n" + GLM)
    snapshot = load(path, {"DATABASE_URL": "postgresql://llm:word@db/llm"})
    assert snapshot.database_url and snapshot.database_url.source == "DATABASE_URL"
    [warning] = snapshot.warnings
    assert (warning.where, warning.kind) == ("config.yaml:2", "unsupported")
    assert "SQLite" in warning.message
    assert "word" not in f"{warning}"


def test_a_database_that_no_file_names_counts_in_the_image_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(GLM)
    environ = {"DATABASE_URL": "postgresql://llm:word@db/llm"}
    assert load(path, environ).database_url is None
    assert not load(path, environ).warnings
    inside = load(path, environ | {"TRUNKLINE_IN_IMAGE": "1"})
    assert inside.database_url and inside.database_url.source == "DATABASE_URL"
    assert [warning.where for warning in inside.warnings] == ["DATABASE_URL"]
