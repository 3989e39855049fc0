"""A chain of models in JSON, read as the LiteLLM file that says the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from trunkline.config.environment import Environment
from trunkline.config.load import load
from trunkline.config.schema import Snapshot
from trunkline.config.section import Reading
from trunkline.config.sources import Sources
from trunkline.config.yaml_lines import read
from trunkline.errors import ConfigInvalid

CHAIN = ["claude-opus-4.5", "gpt-4-turbo", "ollama/neural-chat"]
KEYS = {"ANTHROPIC_API_KEY": "sk-ant-test-1", "OPENAI_API_KEY": "sk-test-2"}
Made = Callable[..., Snapshot]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Loads `{"litellm": …, "router": …}`: `made(default_model="x", router={…})`; variables stand in `environ`."""

    def chain(router: Mapping[str, Any] | None = None, environ: Mapping[str, str] = KEYS, **litellm: Any) -> Snapshot:
        said = {"litellm": {"fallback_strategy": CHAIN, **litellm}, **({"router": router} if router else {})}
        path = tmp_path / "litellm-config.json"
        path.write_text(json.dumps(said, indent=2), encoding="utf-8")
        return load(path, environ, cwd=tmp_path)

    return chain


def told(snapshot: Snapshot) -> str:
    return "\n".join(map(str, snapshot.warnings))


def test_the_whole_of_it(fixture: Callable[[str, Mapping[str, str]], Snapshot]) -> None:
    found = fixture("system_b.json", KEYS)
    assert found.dialect == "chain"
    assert told(found) == ""
    assert list(found.groups) == [*CHAIN, "ollama/mistral"]
    assert {name: (row.provider.name, row.model) for name, (row,) in found.groups.items()} == {
        "claude-opus-4.5": ("anthropic", "claude-opus-4-5"),
        "gpt-4-turbo": ("openai", "gpt-4-turbo"),
        "ollama/neural-chat": ("ollama", "neural-chat"),
        "ollama/mistral": ("ollama", "mistral"),
    }
    keys = {name: row.key.source for name, (row,) in found.groups.items() if row.key}
    assert keys == {"claude-opus-4.5": "ANTHROPIC_API_KEY", "gpt-4-turbo": "OPENAI_API_KEY"}
    assert found.fallbacks == {
        "claude-opus-4.5": ("gpt-4-turbo", "ollama/neural-chat"),
        "gpt-4-turbo": ("ollama/neural-chat",),
        "ollama/mistral": ("ollama/neural-chat",),
    }
    assert found.default_model == "claude-opus-4.5"
    assert found.cheapest == {"auto": (*CHAIN, "ollama/mistral")}
    assert found.timeout == 45
    assert found.port == 8001
    assert found.log_level == "warning"
    assert found.caching is not None
    assert found.caching.ttl == 120
    assert found.routing.strategy == "cost-based-routing"
    assert found.routing.no_fallback_on == ()
    assert [row.rpm for (row,) in found.groups.values()] == [60, 30, None, None]
    budgets = found.allowances.groups
    assert {name: (each.cap, each.period, each.fallback_at) for name, each in budgets.items()} == {
        "claude-opus-4.5": (100_000_000_000, "1mo", 80),
        "gpt-4-turbo": (25_500_000_000, "1mo", None),
    }


def test_the_files_of_the_example_are_read_without_a_doubt() -> None:
    example = Path(__file__).parents[3] / "examples" / "chain"
    found = load(example / "config" / "litellm-config.json", KEYS, cwd=example)
    assert (found.dialect, told(found)) == ("chain", "")


def test_without_keys_the_local_model_is_left_and_the_missing_ones_are_named(made: Made) -> None:
    found = made(environ={})
    assert [bool(row.key_missing) for (row,) in found.groups.values()] == [True, True, False]
    assert "ANTHROPIC_API_KEY" in told(found)
    assert "OPENAI_API_KEY" in told(found)


def test_a_key_may_stand_under_its_providers_name_and_be_written_out(made: Made) -> None:
    found = made(api_keys={"anthropic": "sk-ant-written-1", "openai": "{{ env.MINE }}"}, environ={"MINE": "sk-mine-1"})
    keys = [row.key and row.key.value for (row,) in found.groups.values()]
    assert keys == ["sk-ant-written-1", "sk-mine-1", None]


def test_a_key_of_nobody_is_noted(made: Made) -> None:
    found = made(api_keys={"GROQ_API_KEY": "{{ env.GROQ_API_KEY }}"})
    assert "`GROQ_API_KEY` of api_keys is the key of no model" in told(found)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{\n\t"litellm": {\n\t\t"default_model": "a"\n\t\t"debug": true\n\t}\n}', ":4: this is not valid JSON"),
        ('{\n "litellm": {\n  "debug": true,\n  // no\n  "default_model": "a"\n }\n}', ":4: this is not valid JSON"),
        ('{"litellm": {"debug": true}', ":1: this is not valid JSON: expecting ',' delimiter"),
    ],
)
def test_what_is_no_json_is_told_as_that(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "litellm-config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigInvalid) as refused:
        load(path, {}, cwd=tmp_path)
    assert where in refused.value.message
    assert "commas" in refused.value.remedy


def test_references_stand_anywhere(made: Made) -> None:
    found = made(default_model="{{ env.MODEL }}", environ={**KEYS, "MODEL": "gpt-4-turbo", "TTL": "60"})
    assert found.default_model == "gpt-4-turbo"
    assert told(found) == ""


def test_the_default_model_stands_before_a_chain_that_lacks_it(made: Made) -> None:
    found = made(default_model="claude-haiku-4.5")
    assert found.fallbacks["claude-haiku-4.5"] == tuple(CHAIN)


def test_a_long_chain_is_gone_through_to_its_end(made: Made) -> None:
    names = [f"ollama/m{number}" for number in range(9)]
    found = made(fallback_strategy=names)
    assert found.routing.max_fallbacks == 9
    assert found.fallbacks["ollama/m0"] == tuple(names[1:])


def test_what_is_not_allowed_is_not_offered(made: Made) -> None:
    found = made(allowed_models=["claude-opus-4-5", "ollama/*"])
    assert "gpt-4-turbo" not in found.groups
    assert "litellm-config.json:5: `gpt-4-turbo` is not among `allowed_models`" in told(found)
    assert found.fallbacks["claude-opus-4.5"] == ("ollama/neural-chat",)
    assert [pattern for pattern, _ in found.wildcards] == ["ollama/*"]


def test_auto_needs_no_permission_and_may_have_one(made: Made) -> None:
    found = made(default_model="auto", allowed_models=[*CHAIN, "auto"])
    assert found.cheapest == {"auto": tuple(CHAIN)}
    assert (found.default_model, told(found)) == ("auto", "")


def test_everything_may_be_allowed(made: Made) -> None:
    found = made(allowed_models=["*"])
    assert list(found.groups)[:3] == CHAIN
    assert "openai/*" in [row.group for row in found.deployments()]


def test_a_default_that_is_not_allowed_gives_way_to_the_next(made: Made) -> None:
    found = made(default_model="claude-opus-4.5", allowed_models=["gpt-4-turbo", "ollama/neural-chat"])
    assert found.default_model == "gpt-4-turbo"


def test_nothing_that_may_be_asked_refuses(made: Made) -> None:
    with pytest.raises(ConfigInvalid, match="names no model"):
        made(fallback_strategy=[], allowed_models=[])


def test_a_free_model_outside_the_chain_is_never_stood_in_for_by_one_that_costs(made: Made) -> None:
    found = made(allowed_models=[*CHAIN, "ollama/mistral", "claude-haiku-4.5"])
    assert found.fallbacks["ollama/mistral"] == ("ollama/neural-chat",)
    assert found.fallbacks["claude-haiku-4.5"] == tuple(CHAIN)


def test_without_a_word_30_seconds_are_waited_and_the_local_one_at_the_end_longer(made: Made) -> None:
    found = made()
    assert found.timeout == 30
    assert [row.timeout for (row,) in found.groups.values()] == [None, None, 600]


@pytest.mark.parametrize(
    ("router", "kinds"),
    [
        ({"fallback_on_timeout": False}, ("timeout",)),
        ({"fallback_on_quota_error": False}, ("billing", "quota", "rate", "budget")),
        ({"fallback_on_quota_error": True, "fallback_on_timeout": True}, ()),
    ],
)
def test_a_fallback_that_is_not_wanted_is_not_made(made: Made, router: dict[str, bool], kinds: tuple[str, ...]) -> None:
    assert made(router=router).routing.no_fallback_on == kinds


@pytest.mark.parametrize(
    ("quota", "models"),
    [
        ("claude", ["claude-opus-4.5"]),
        ("gpt4", ["gpt-4-turbo"]),
        ("GPT-4", ["gpt-4-turbo"]),
        ("neural_chat", ["ollama/neural-chat"]),
        ("ollama", ["ollama/neural-chat"]),
    ],
)
def test_a_quota_means_the_models_whose_name_begins_so(made: Made, quota: str, models: list[str]) -> None:
    found = made(quota_limits={quota: {"monthly_limit_usd": 5, "rpm_limit": 7}})
    assert list(found.allowances.groups) == models
    assert [name for name, (row,) in found.groups.items() if row.rpm == 7] == models
    assert told(found) == ""


def test_a_quota_of_no_model_is_a_warning_with_its_line(made: Made) -> None:
    found = made(quota_limits={"gemini": {"monthly_limit_usd": 5}})
    assert "litellm-config.json:9: the quota `gemini` limits nothing" in told(found)


def test_a_quota_that_says_nothing_is_a_warning(made: Made) -> None:
    assert "neither `monthly_limit_usd` nor `rpm_limit`" in told(made(quota_limits={"claude": {}}))


def test_two_quotas_of_one_model_are_a_warning(made: Made) -> None:
    found = made(quota_limits={"claude": {"rpm_limit": 5}, "claude-opus": {"rpm_limit": 9}})
    assert "which that of line" in told(found)
    assert found.groups["claude-opus-4.5"][0].rpm == 5


@pytest.mark.parametrize("amount", ["lots", -1, [5]])
def test_an_amount_that_is_none_refuses_with_the_files_own_word(made: Made, amount: Any) -> None:
    with pytest.raises(ConfigInvalid, match=r"litellm-config.json:\d+: `monthly_limit_usd` of claude must be"):
        made(quota_limits={"claude": {"monthly_limit_usd": amount}})


def test_unknown_words_are_told_with_the_nearest(made: Made) -> None:
    found = made(
        router={"stratgy": "cost-based"},
        defualt_model="x",
        cache_config={"enable_cache": True, "enable_cahce": True},
        quota_limits={"claude": {"monthly_limit": 5, "rpm_limit": 5}},
    )
    for word in ("`default_model`", "`strategy`", "`enable_cache`", "`monthly_limit_usd`"):
        assert f"Did you mean {word}?" in told(found)


def test_a_strategy_that_nobody_knows_is_a_warning(made: Made) -> None:
    assert "no routing strategy is called `cheapish`" in told(made(router={"strategy": "cheapish"}))
    assert made(router={"strategy": "least-busy"}).routing.strategy == "least-busy"


@pytest.mark.parametrize(("said", "level"), [({"log_level": "DEBUG"}, "debug"), ({"debug": True}, "debug"), ({}, "")])
def test_how_much_is_logged(made: Made, said: dict[str, Any], level: str) -> None:
    assert made(**said).log_level == level


def test_a_level_that_is_none_is_told(made: Made) -> None:
    assert "'LOUD' is no level" in told(made(log_level="LOUD"))


def test_a_database_that_is_not_used_is_said(made: Made) -> None:
    found = made(environ={**KEYS, "DATABASE_TYPE": "postgres", "DATABASE_URL": "postgresql://u:secret@db/x"})
    assert "DATABASE_TYPE: it is 'postgres', but what is spent is kept in SQLite" in told(found)
    assert "secret" not in told(found)
    assert told(made(environ={**KEYS, "DATABASE_TYPE": "sqlite"})) == ""


def test_dotenv_of_the_project_is_read_where_the_file_is_in_a_folder_of_it(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    path = tmp_path / "config" / "litellm-config.json"
    path.write_text(json.dumps({"litellm": {"fallback_strategy": CHAIN}}), encoding="utf-8")
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=sk-ant-test-1\nLITELLM_LOG_LEVEL=DEBUG\n", encoding="utf-8")
    opened: list[Path] = []
    found = load(path, {}, cwd=tmp_path, opened=opened)
    assert opened == [path, tmp_path / "config" / ".env", tmp_path / ".env"], "all of them are watched"
    assert found.groups["claude-opus-4.5"][0].key is not None
    assert found.log_level == "debug"
    assert load(path, {}, cwd=tmp_path / "config").groups["claude-opus-4.5"][0].key is None
    (tmp_path / "config" / ".env").write_text("OPENAI_API_KEY=sk-test-2\n", encoding="utf-8")
    assert load(tmp_path / "config" / ".." / "config" / path.name, {}, cwd=tmp_path / "config").log_level == ""
    beside = load(path, {}, cwd=tmp_path)
    assert beside.groups["claude-opus-4.5"][0].key is None
    assert beside.groups["gpt-4-turbo"][0].key is not None


def test_sections_in_litellms_shape_beside_it_win(tmp_path: Path) -> None:
    said = {
        "litellm": {"fallback_strategy": CHAIN},
        "trunkline": {"port": 9001, "default_model": "gpt-4-turbo"},
        "general_settings": {"master_key": "sk-own-1"},
    }
    path = tmp_path / "c.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    found = load(path, KEYS)
    assert (found.port, found.default_model, found.master_key is not None) == (9001, "gpt-4-turbo", True)


def test_a_litellm_file_is_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("model_list:\n- model_name: a\n  litellm_params: {model: ollama/a}\n", encoding="utf-8")
    assert load(path, {}).dialect == "litellm"


def test_the_rewritten_document_keeps_the_lines_of_the_file(tmp_path: Path) -> None:
    from trunkline.config.dialect import native

    text = json.dumps({"litellm": {"fallback_strategy": CHAIN, "api_timeout": 5}}, indent=1)
    name, top = native(Reading(Sources(["c.json"]), Environment({})), read(text, "c.json"))
    assert name == "chain"
    assert [entry.line for entry in top["model_list"]] == [4, 5, 6]
    assert top["litellm_settings"].lines["request_timeout"] == 8


@pytest.mark.parametrize("in_image", [True, False])
def test_where_ollama_is_when_nobody_says(made: Made, in_image: bool) -> None:
    found = made(environ={**KEYS, **({"TRUNKLINE_IN_IMAGE": "1"} if in_image else {})})
    (row,) = found.groups["ollama/neural-chat"]
    assert row.doors["ollama"].base == "http://127.0.0.1:11434"
    assert row.elsewhere == (("http://ollama:11434", "http://host.docker.internal:11434") if in_image else ())


@pytest.mark.parametrize("name", ["OLLAMA_API_BASE", "OLLAMA_HOST"])
def test_where_ollama_is_when_somebody_says(made: Made, name: str) -> None:
    found = made(environ={**KEYS, name: "box:9999", "TRUNKLINE_IN_IMAGE": "1"})
    (row,) = found.groups["ollama/neural-chat"]
    assert (row.doors["ollama"].base, row.elsewhere) == ("http://box:9999", ())
