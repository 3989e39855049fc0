"""A configuration written anew: what is said of each change, and that no key is ever printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.config.migrate import Migrated, migrate
from trunkline.errors import ConfigInvalid

GLM = "model_list:\n  - model_name: glm\n    litellm_params:\n      model: zai/glm-4.6\n"


def anew(tmp_path: Path, text: str, **environ: str) -> Migrated:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return migrate(path, environ)


def test_it_reads_like_a_file_that_a_person_wrote(tmp_path: Path) -> None:
    text = GLM + "      api_key: ${ZAI_API_KEY}\nrouter_settings: {max_retries: 3, routing_stratgy: least-busy}\n"
    made = anew(tmp_path, text, ZAI_API_KEY="sk-test-1")
    assert made.text == (
        "# Written by `trunkline check --migrate` from config.yaml. Its own comments are not carried over.\n"
        "\n"
        "model_list:\n"
        "  - model_name: glm\n"
        "    litellm_params:\n"
        "      model: zai/glm-4.6\n"
        "      api_key: os.environ/ZAI_API_KEY\n"
        "\n"
        "router_settings:\n"
        "  # Mended: `max_retries` under `router_settings` has no effect. (config.yaml:6)\n"
        "  # Mended: `routing_stratgy` under `router_settings` is unknown. (config.yaml:6)\n"
        "  num_retries: 3\n"
        "  routing_strategy: least-busy\n"
    )
    assert not made.secrets


def test_what_does_nothing_is_left_out_and_said(tmp_path: Path) -> None:
    made = anew(tmp_path, GLM + "general_settings: {alerting: [slack]}\nlitellm_settings: {set_verbose: true}\n")
    assert "general_settings" not in [line.partition(":")[0] for line in made.text.splitlines()]
    assert "# Left out: `alerting` is LiteLLM's; Trunkline does not have it. (config.yaml:5)" in made.text
    assert "# Left out: `set_verbose` changes nothing here. (config.yaml:6)" in made.text


def test_a_file_is_migrated_where_its_master_key_is_not_known(tmp_path: Path) -> None:
    made = anew(tmp_path, GLM + "general_settings: {master_key: os.environ/GATE}\n")
    assert "master_key: os.environ/GATE" in made.text


def test_what_no_change_of_place_can_mend_refuses(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"config\.yaml:5: `custom_auth` guards"):
        anew(tmp_path, GLM + "general_settings: {custom_auth: a.b}\n")


@pytest.mark.parametrize(
    ("line", "hidden", "name", "where"),
    [
        ("      api_key: 0123456789abcdef", "0123456789abcdef", "ZAI_API_KEY", "config.yaml:5 api_key"),
        ("      api_key: 1234567890123", "1234567890123", "ZAI_API_KEY", "config.yaml:5 api_key"),
        ("      api_key: <sk-0123456789abcdef>", "0123456789abcdef", "ZAI_API_KEY", "config.yaml:5 api_key"),
        ("      extra_headers: {X-Gate-Auth: open7sesame}", "open7sesame", "X_GATE_AUTH", "config.yaml:5 X-Gate-Auth"),
        ("      extra_headers: {X-Who: Bearer abc}", "abc", "X_WHO", "config.yaml:5 X-Who"),
        ("      user: sk-0123456789abcdef", "0123456789abcdef", "USER", "config.yaml:5 user"),
        ("      stop: [sk-0123456789abcdef]", "0123456789abcdef", "SECRET", "config.yaml:5"),
        ("general_settings: {master_key: sk-mysecretword}", "mysecretword", "LITELLM_MASTER_KEY", "config.yaml:5 master_key"),
        ("general_settings: {database_url: 'postgresql://a:hunter2@db/x'}", "hunter2", "DATABASE_URL", "config.yaml:5 database_url"),
        ("environment_variables: {OPENAI_API_KEY: abc123}", "abc123", "OPENAI_API_KEY", "config.yaml:5"),
    ],
)  # fmt: skip
def test_a_key_that_is_written_out_becomes_a_reference(
    tmp_path: Path, line: str, hidden: str, name: str, where: str
) -> None:
    made = anew(tmp_path, f"{GLM}{line}\n")
    assert hidden not in made.text
    assert {key: secret.source for key, secret in made.secrets.items()} == {name: where}
    assert hidden in made.secrets[name].value
    assert hidden not in repr(made)


@pytest.mark.parametrize(
    "line",
    [
        "      api_key: none",
        "      api_key: <your-token>",
        "      api_key: os.environ/ZAI_API_KEY",
        "      api_key: ${ZAI_API_KEY:-}",
        "      max_tokens: 4096",
        "      input_cost_per_token: '2e-06'",
        "      output_cost_per_token: 0.000002",
        "      prompt_cache_key: blue",
        "model_alias: {}",
    ],
)
def test_what_is_no_key_stays_as_it_is(tmp_path: Path, line: str) -> None:
    assert not anew(tmp_path, f"{GLM}{line}\n").secrets


def test_two_keys_of_one_provider_have_names_of_their_own(tmp_path: Path) -> None:
    two = GLM + "      api_key: sk-test-one-1\n" + GLM.partition("\n")[2] + "      api_key: sk-test-two-2\n"
    again = GLM.partition("\n")[2] + "      timeout: 3\n      api_key: sk-test-one-1\n"
    made = anew(tmp_path, two + again)
    assert {name: secret.value for name, secret in made.secrets.items()} == {
        "ZAI_API_KEY": "sk-test-one-1",
        "ZAI_API_KEY_2": "sk-test-two-2",
    }


def test_a_name_that_is_in_use_is_not_taken_for_another_key(tmp_path: Path) -> None:
    made = anew(tmp_path, GLM + "      api_key: sk-test-one-1\n", ZAI_API_KEY="sk-other-1")
    assert list(made.secrets) == ["ZAI_API_KEY_2"]


def test_included_files_are_in_it(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("router_settings: {max_retries: 3}\n")
    made = anew(tmp_path, "include: [more.yaml]\n" + GLM)
    assert "include" not in made.text.replace("included", "")
    assert "(more.yaml:1)" in made.text
    assert "  num_retries: 3\n" in made.text


def test_a_key_that_the_environment_has_already_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ZAI_API_KEY=sk-test-one-1\nOPENAI_API_KEY=sk-other-1\n")
    text = GLM + "      api_key: sk-test-one-1\n"
    text += "  - {model_name: gpt, litellm_params: {model: openai/gpt-4o, api_key: sk-test-two-2}}\n"
    assert list(anew(tmp_path, text).secrets) == ["ZAI_API_KEY", "OPENAI_API_KEY_2"]


def test_three_of_a_kind_leave_one(tmp_path: Path) -> None:
    entry = GLM.partition("\n")[2] + "      api_key: os.environ/ZAI_API_KEY\n"
    made = anew(tmp_path, "model_list:\n" + entry * 3 + entry.replace("glm\n", "other\n"), ZAI_API_KEY="sk-test-1")
    assert made.text.count("model_name:") == 2
    assert made.text.count("# Left out: `glm` repeats") == 2


def test_a_mistyped_section_is_poured_into_the_one_that_is_there(tmp_path: Path) -> None:
    text = GLM + "router_setings: {num_retries: 1, timeout: 9}\nrouter_settings: {num_retries: 3}\n"
    made = anew(tmp_path, text)
    assert "router_settings:\n  num_retries: 3\n  timeout: 9\n" in made.text


def test_a_key_is_not_put_where_a_model_without_one_would_find_it(tmp_path: Path) -> None:
    text = GLM + "  - {model_name: paid, litellm_params: {model: zai/glm-4.6, api_key: sk-test-one-1}}\n"
    assert list(anew(tmp_path, text).secrets) == ["ZAI_API_KEY_2"]
