"""LiteLLM's YAML: models, settings, and one precise warning for each key that does nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.unit.config.conftest import Loaded
from trunkline.config.check import doubts, rows
from trunkline.config.schema import Snapshot
from trunkline.errors import ConfigInvalid

Fixture = Callable[[str, Mapping[str, str]], Snapshot]
GLM = "model_list:\n  - model_name: glm\n    litellm_params:\n      model: zai/glm-4.6\n      api_key: sk-test-1\n"


def test_claude_names_at_zai_use_only_the_anthropic_door(fixture: Fixture) -> None:
    snapshot = fixture("system_a.yaml", {"ZAI_API_KEY": "sk-test-1"})
    assert not snapshot.warnings
    assert snapshot.master_key is None
    for name in ("claude-3-5-sonnet", "claude-3-5-haiku", "claude-3-opus"):
        [deployment] = snapshot.groups[name]
        assert {wire: door.base for wire, door in deployment.doors.items()} == {
            "anthropic": "https://api.z.ai/api/anthropic"
        }
        assert deployment.model == name
        assert deployment.key and deployment.key.source == "ZAI_API_KEY"


def test_a_placeholder_key_starts_and_is_told_once_a_deployment(fixture: Fixture) -> None:
    snapshot = fixture("system_a.yaml", {"ZAI_API_KEY": "<your-token>"})
    assert [warning.kind for warning in snapshot.warnings] == ["key"] * 3
    assert [warning.where for warning in snapshot.warnings] == [
        "system_a.yaml:6",
        "system_a.yaml:10",
        "system_a.yaml:14",
    ]
    [deployment] = snapshot.groups["claude-3-opus"]
    assert deployment.key is None
    assert "ZAI_API_KEY is still a placeholder" in deployment.key_missing


def test_a_model_at_zais_address_is_zais_under_any_prefix(fixture: Fixture) -> None:
    snapshot = fixture("system_c.yaml", {"ZAI_API_KEY": "sk-test-1"})
    [deployment] = snapshot.groups["glm-4.6"]
    assert deployment.provider.name == "zai"
    assert deployment.doors["anthropic"].base == "https://api.z.ai/api/anthropic"
    assert snapshot.drop_params
    assert snapshot.master_key and snapshot.master_key.value == "sk-1234"
    assert [warning.kind for warning in snapshot.warnings] == ["unsupported"]
    assert "langfuse" in snapshot.warnings[0].message
    assert "0.6 in, 2.2 out" in rows(snapshot)[0].price


def test_a_whole_configuration_is_read(fixture: Fixture) -> None:
    snapshot = fixture("whole.yaml", {"ZAI_API_KEY": "sk-test-1", "TEAM": "blue", "GATE": "sk-gate-1"})
    one, two = snapshot.groups["glm"]
    assert (one.id, one.plan, one.region, one.weight, one.order, one.max_retries) == (
        "glm-one",
        "coding",
        "cn",
        3,
        1,
        0,
    )
    assert one.doors["openai_chat"].base == "https://open.bigmodel.cn/api/coding/paas/v4"
    assert one.params == {"temperature": 0.5, "max_tokens": 1000}
    assert one.extra_body == {"meta": {"team": "blue"}}
    assert one.headers == (("X-Team", "blue"),)
    assert (one.timeout, one.stream_timeout, one.drop) == (60, 10, ("logit_bias",))
    assert two.key and two.key.value == "sk-test-2"
    assert two.doors["openai_chat"].base == "https://open.bigmodel.cn/api/paas/v4"
    assert one.id != two.id
    [paid] = snapshot.groups["paid"]
    assert paid.provider.name == "openai"
    assert paid.price and (paid.price.tiers[0].input, paid.price.tiers[0].output) == (10**9, 2 * 10**9)
    assert [pattern for pattern, _ in snapshot.wildcards] == ["anthropic/*", "demo/*"]
    assert snapshot.num_retries == 2
    assert snapshot.timeout == 120
    assert snapshot.drop_params
    assert snapshot.fallbacks == {"glm": ("paid",)}
    assert snapshot.default_fallbacks == ("paid",)
    assert snapshot.aliases == {"sonnet": "glm", "quiet": "paid"}
    assert snapshot.hidden == {"quiet"}
    assert snapshot.default_model == "glm"
    assert snapshot.limits.body == 2 * 1024 * 1024
    assert (snapshot.limits.ping_after, snapshot.limits.idle, snapshot.limits.streams) == (5, 60, 10)
    assert snapshot.extras.resume == "off"
    assert snapshot.master_key and snapshot.master_key.source == "GATE"
    assert "demo/echo" in snapshot.groups


def test_each_stray_key_has_one_warning_with_line_and_right_name(fixture: Fixture) -> None:
    snapshot = fixture("odd_places.yaml", {"ZAI_API_KEY": "sk-test-1"})
    told: dict[tuple[str, str], str] = {}
    for each in snapshot.warnings:
        told[each.where.rpartition(":")[2], each.kind] = f"{each.message} {each.remedy}"
    expected = {
        ("3", "misplaced"): "litellm_params",
        ("7", "unknown"): "`temperature`",
        ("8", "misplaced"): "`timeout`",
        ("9", "note"): "no price",
        ("14", "note"): "shiny_new_member",
        ("16", "misplaced"): "`litellm_settings`",
        ("18", "misplaced"): "`num_retries`",
        ("19", "unknown"): "`routing_strategy`",
        ("22", "value"): "write `glm`",
        ("23", "value"): "`local`",
        ("24", "misplaced"): "`general_settings`",
        ("25", "unknown"): "`router_settings`",
    }
    assert told.keys() == expected.keys()
    assert len(snapshot.warnings) == len(expected)
    for place, word in expected.items():
        assert word in told[place], place
    [glm] = snapshot.groups["glm"]
    assert glm.params == {"temprature": 0.3}
    [local] = snapshot.groups["local"]
    assert local.params == {"shiny_new_member": 1}
    assert local.key is None and not local.key_missing


@pytest.mark.parametrize(
    ("text", "line", "word", "remedy"),
    [
        ("model_list:\n  - litellm_params: {model: zai/glm}\n", ":2", "`model_name`", "model_name"),
        ("model_list:\n  - model_name: a\n    litellm_params: {api_key: x}\n", ":3", "`model`", "zai/glm-5.3"),
        ("model_list:\n  - model_name: a\n", ":2", "`model`", "zai/glm-5.3"),
        ("model_list: zai\n", ":1", "list", "- model_name"),
        ("model_list: [zai]\n", ":1", "mapping", "- model_name"),
        ("model_list:\n  - {model_name: a, litellm_params: {model: zia/glm}}\n", ":2", "`zia`", "`zai/`"),
        (
            "model_list:\n  - {model_name: a, litellm_params: {model: bedrock/x}}\n",
            ":2",
            "LiteLLM's SDK",
            "--ignore bedrock",
        ),
        ("model_list:\n  - {model_name: a, litellm_params: {model: nobodys}}\n", ":2", "which provider", "`zai/`"),
        ("model_list:\n  - {model_name: a, litellm_params: {model: zai/}}\n", ":2", "no model", "zai/"),
        (GLM + "general_settings:\n  master_key: os.environ/NOPE\n", ":7", "not set", "own"),
        (GLM + "general_settings:\n  master_key:\n", ":7", "empty", "own"),
        (GLM + "general_settings:\n  master_key: <your-key>\n", ":7", "placeholder", "own"),
        (GLM + "master_key: sk-1234\n", ":6", "guards nothing", "--ignore master_key"),
        (GLM + "general_settings: {custom_auth: a.b}\n", ":6", "`custom_auth`", "--ignore custom_auth"),
        (GLM + "general_settings:\n  enable_jwt_auth: true\n", ":7", "`enable_jwt_auth`", "--ignore"),
        (GLM + "guardrails: [{guardrail_name: x}]\n", ":6", "`guardrails`", "--ignore guardrails"),
        (GLM + "litellm_settings: {allowed_ips: [1.2.3.4]}\n", ":6", "`general_settings`", "--ignore"),
        (GLM + "litellm_settings: []\nrouter_settings: 7\n", ":7", "mapping", "value"),
        (GLM + "router_settings:\n  num_retries: many\n", ":7", "`num_retries`", "value"),
        (GLM + "router_settings:\n  fallbacks: [a, b]\n", ":7", "`fallbacks`", "fallbacks"),
        (GLM + "trunkline: {resume: perhaps}\n", ":6", "`resume`", "value"),
        (GLM.replace("glm\n", "g\n") + "      api_base: ftp://x\n", ":6", "http", "http"),
    ],
)
def test_what_cannot_be_run_refuses_with_line_and_remedy(
    loaded: Loaded, text: str, line: str, word: str, remedy: str
) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        loaded(text)
    assert refused.value.message.startswith(f"config.yaml{line}:")
    assert word in refused.value.message
    assert remedy in refused.value.remedy


def test_a_guard_can_be_done_without_when_insisted(loaded: Loaded) -> None:
    snapshot = loaded(GLM + "general_settings: {custom_auth: a.b}\n", ignore=frozenset({"custom_auth"}))
    assert [warning.kind for warning in snapshot.warnings] == ["unsupported"]


def test_a_provider_can_be_left_out_when_insisted(loaded: Loaded) -> None:
    text = GLM + "  - {model_name: b, litellm_params: {model: bedrock/x}}\n"
    snapshot = loaded(text, ignore=frozenset({"bedrock"}))
    assert "b" not in snapshot.groups
    assert [warning.kind for warning in snapshot.warnings] == ["note"]


def test_guards_that_are_off_are_no_matter(loaded: Loaded) -> None:
    assert not loaded(GLM + "general_settings: {enable_jwt_auth: false, allowed_ips: []}\n").warnings


def test_the_environments_master_key_counts_when_the_file_has_none(loaded: Loaded) -> None:
    key = loaded(GLM, LITELLM_MASTER_KEY="sk-gate").master_key
    assert key and key.source == "LITELLM_MASTER_KEY"
    assert loaded(GLM, LITELLM_MASTER_KEY="").master_key is None
    with pytest.raises(ConfigInvalid, match="LITELLM_MASTER_KEY"):
        loaded(GLM, LITELLM_MASTER_KEY="<your-key>")


@pytest.mark.parametrize("section", ["general_settings: {master_key", "trunkline: {client_key"])
@pytest.mark.parametrize("word", ["true", "false"])
def test_a_truth_is_no_key(loaded: Loaded, section: str, word: str) -> None:
    with pytest.raises(ConfigInvalid, match=f"is {word}, which is no key"):
        loaded(f"{GLM}{section}: {word}}}\n")


def test_braces_are_expanded_and_noted_once(loaded: Loaded) -> None:
    text = GLM.replace("sk-test-1", "${ZAI}") + "      top_p: ${TOP:-0.9}\n"
    snapshot = loaded(text, ZAI="sk-test-2")
    [deployment] = snapshot.groups["glm"]
    assert deployment.key and deployment.key.value == "sk-test-2"
    assert deployment.params == {"top_p": 0.9}
    assert [warning.kind for warning in snapshot.warnings] == ["note"]
    assert loaded(text).groups["glm"][0].key_missing


def test_bare_names_find_their_vendor(loaded: Loaded) -> None:
    entries = {"gpt-4o": "openai", "claude-opus-4.5": "anthropic", "glm-4.6": "zai", "gemini-2.5-pro": "gemini"}
    listed = "".join(f"  - {{model_name: n{n}, litellm_params: {{model: {name}}}}}\n" for n, name in enumerate(entries))
    snapshot = loaded("model_list:\n" + listed)
    assert [snapshot.groups[f"n{n}"][0].provider.name for n in range(4)] == list(entries.values())
    assert snapshot.groups["n1"][0].model == "claude-opus-4-5"


def test_a_literal_base_wins_over_the_environment(loaded: Loaded) -> None:
    environ = {"OPENAI_API_BASE": "http://127.0.0.1:9", "OPENAI_API_KEY": "sk-test-5"}
    text = "model_list:\n  - {model_name: a, litellm_params: {model: openai/m}}\n"
    literal = text.replace("openai/m}", "openai/m, api_base: http://127.0.0.1:8/v1}")
    assert loaded(text, **environ).groups["a"][0].doors["openai_chat"].base == "http://127.0.0.1:9/v1"
    snapshot = loaded(literal, **environ)
    assert snapshot.groups["a"][0].doors["openai_chat"].base == "http://127.0.0.1:8/v1"
    assert ["OPENAI_API_KEY" in each.message for each in snapshot.warnings if "price" not in each.message] == [True]


def test_a_whole_claude_wildcard_at_zai_keeps_the_name(loaded: Loaded) -> None:
    snapshot = loaded(
        'model_list:\n  - {model_name: "claude-*", litellm_params: {model: "zai/*", api_key: sk-test-1}}\n'
    )
    [deployment] = dict(snapshot.wildcards)["claude-*"]
    assert deployment.model == "claude-*"
    assert list(deployment.doors) == ["anthropic"]


def test_a_mistyped_key_is_never_sent(loaded: Loaded) -> None:
    snapshot = loaded(GLM.replace("api_key: sk-test-1", "apikey: sk-test-1"))
    [deployment] = snapshot.groups["glm"]
    assert deployment.params == {}
    assert any("`api_key`" in warning.remedy for warning in snapshot.warnings)


def test_a_repeated_deployment_is_told(loaded: Loaded) -> None:
    entry = "  - {model_name: a, litellm_params: {model: zai/glm-4.6, api_key: sk-test-1}}\n"
    snapshot = loaded("model_list:\n" + entry + entry)
    one, two = snapshot.groups["a"]
    assert one.id != two.id
    assert [warning.where for warning in snapshot.warnings] == ["config.yaml:3"]


def test_no_secret_is_shown_anywhere(loaded: Loaded) -> None:
    text = GLM + "      extra_headers: {X-Auth: sk-test-hidden}\n" + "general_settings: {master_key: sk-test-master}\n"
    shown = repr(loaded(text + "router_settings: {redis_password: sk-test-redis}\n"))
    assert "sk-test" not in shown


def test_another_deployment_covers_a_missing_key(loaded: Loaded) -> None:
    lost = "  - {model_name: glm, litellm_params: {model: anthropic/claude-opus-4-5}}\n"
    assert [warning.kind for warning in loaded(GLM + lost).warnings] == ["key"]
    assert not doubts(loaded(GLM + lost))
    assert doubts(loaded(GLM + lost.replace("model_name: glm", "model_name: alone")))


def test_another_configuration_has_another_version(loaded: Loaded) -> None:
    one = loaded(GLM).version
    assert one == loaded(GLM).version
    long_key = "k" * 12 + "j" * 20
    assert len({one, loaded(GLM + "      top_p: 1\n").version, loaded(GLM.replace("sk-test-1", long_key)).version}) == 3


@pytest.mark.parametrize(
    ("written", "seconds"), [("7d", 604_800), ("24h", 86_400), ("3600s", 3600), ("3600", 3600), ("1mo", 2_592_000)]
)
def test_how_long_rows_are_kept_is_written_as_in_litellm(loaded: Loaded, written: str, seconds: int) -> None:
    settings = f"general_settings: {{maximum_spend_logs_retention_period: {written}}}\n"
    assert loaded(GLM + settings).keep_rows == seconds
    assert loaded(GLM).keep_rows is None


def test_a_retention_that_is_no_length_is_refused(loaded: Loaded) -> None:
    with pytest.raises(ConfigInvalid, match="30d, 12h or 1mo"):
        loaded(GLM + "general_settings: {maximum_spend_logs_retention_period: 2 fortnights}\n")


def test_litellms_strategy_of_budgets_is_the_default(loaded: Loaded) -> None:
    found = loaded(GLM + "router_settings: {routing_strategy: provider-budget-routing}\n")
    assert (found.routing.strategy, [str(each) for each in found.warnings]) == ("simple-shuffle", [])
