"""The file of a gateway for pages, read into what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.unit.config.conftest import Loaded
from trunkline.config.schema import Rates, Snapshot
from trunkline.errors import ConfigInvalid

ENVIRON = {
    "ZAI_API_KEY": "sk-test-zai-0001",
    "OPENAI_API_KEY": "sk-test-openai-01",
    "LITELLM_API_KEY": "sk-test-client-01",
    "LITELLM_MASTER_KEY": "sk-test-master-01",
    "DATABASE_URL": "postgresql://u:p@db/x",
    "SERVICE_NAME": "shop",
}
MODEL = "model_list: [{model_name: m, litellm_params: {model: openai/gpt-5.5, api_key: sk-test-1}}]\n"


def test_the_whole_file(fixture: Callable[[str, Mapping[str, str]], Snapshot]) -> None:
    read = fixture("system_d.yaml", ENVIRON)
    assert read.dialect == "browser"
    assert (read.master_key and read.master_key.value, read.client_key and read.client_key.value) == (
        "sk-test-master-01",
        "sk-test-client-01",
    )
    assert read.cors_origins == ("http://localhost:5173", "https://app.example.com")
    assert (read.health_every, read.limits.connect, read.limits.first_byte, read.limits.idle) == (30, 10, 60, 60)
    assert (read.error_codes, read.extras.validate) == ("upper", "always")
    assert read.provider_limits == {
        "bigmodel": Rates(rpm=100, retry_delay=0.05),
        "openai": Rates(rpm=2, retry_delay=1),
    }
    flash, plus, turbo = (read.groups[name][0] for name in ("z-ai/glm-4-flash", "z-ai/glm-4-plus", "gpt-3.5-turbo"))
    assert {each.doors["openai_chat"].base for each in (flash, plus)} == {"https://open.bigmodel.cn/api/paas/v4"}
    assert (turbo.provider.name, turbo.model) == ("openai", "gpt-3.5-turbo")
    assert (flash.timeout, flash.max_retries, turbo.timeout, turbo.max_retries) == (30, 3, 60, 0)
    assert flash.headers == turbo.headers == (("X-Service-Name", "shop"), ("X-Environment", "staging"))
    assert flash.where == "system_d.yaml:3"
    bad = [str(each) for each in read.warnings if each.kind != "note"]
    assert len(bad) == 1 and "database_url" in bad[0], bad


def test_what_the_native_place_says_counts_before(loaded: Loaded) -> None:
    read = loaded(
        """
model_list:
  - model_name: m
    litellm_params:
      {model: openai/gpt-5.5, api_key: sk-test-1, timeout: 5, num_retries: 1, extra_headers: {x-one: mine}}
litellm_params: {master_key: sk-test-other-1, cors_origins: ["*"], custom_headers: {X-One: a, X-Two: b}, read_timeout: 9}
general_settings:
  master_key: sk-test-master-1
  background_health_checks: false
  default_provider_configs: {openai: {timeout: 60, max_retries: 4}}
trunkline: {cors_origins: [https://a.example], limits: {idle: 20}, error_codes: wire, validate: short}
"""
    )
    (only,) = read.groups["m"]
    assert (only.timeout, only.max_retries) == (5, 1)
    assert only.headers == (("x-one", "mine"), ("X-Two", "b"))
    assert read.master_key is not None and read.master_key.value == "sk-test-master-1"
    assert (read.cors_origins, read.health_every) == (("https://a.example",), None)
    assert (read.limits.first_byte, read.limits.idle) == (9, 20)
    assert (read.error_codes, read.extras.validate) == ("wire", "short")
    assert any("`master_key` stands twice; the one of line 8 counts" in str(each) for each in read.warnings)


@pytest.mark.parametrize(
    "text",
    [
        MODEL + "litellm_params: {cors_origins: ['*']}",
        MODEL + "litellm_params: {master_key: sk-test-master-1}",
        MODEL + "general_settings: {default_provider_configs: {openai: {timeout: 3}}}",
    ],
)
def test_it_is_known_by_what_stands_at_the_top(loaded: Loaded, text: str) -> None:
    assert loaded(text).dialect == "browser"


@pytest.mark.parametrize(
    "text",
    [MODEL, MODEL + "litellm_params: {model: openai/gpt-5.5, api_key: x}", MODEL + "litellm_params: {timeout: 3}"],
)
def test_a_stray_model_is_not_taken_for_one(loaded: Loaded, text: str) -> None:
    assert loaded(text).dialect == "litellm"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("litellm_params: {api_key: '${LITELLM_API_KEY}'}", "config.yaml:2: `client_key` (LITELLM_API_KEY)"),
        ("litellm_params: {master_key: '${NOWHERE}'}", "config.yaml:2: `master_key` (NOWHERE)"),
        ("litellm_params: {api_key: <your-key>}", "config.yaml:2: `client_key`"),
        ("litellm_params: {cors_origins: [x], custom_headers: [a]}", "config.yaml:2: `custom_headers` must be"),
        ("general_settings: {default_provider_configs: {opnai: {timeout: 3}}}", "Did you mean `openai`?"),
        ("litellm_params: {connection_timeout: soon}", "config.yaml:2: `connect` of limits"),
    ],
)
def test_what_cannot_be_run_refuses_with_its_line(loaded: Loaded, more: str, said: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        loaded(MODEL + more)
    assert said in caught.value.sentence


def test_what_has_no_effect_is_named(loaded: Loaded) -> None:
    read = loaded(
        MODEL
        + "litellm_params: {cors_orgins: [x], cors_origins: [example.com], temperature: 1}\n"
        + "general_settings: {default_provider_configs: {openai: {rpm: 3}}}"
    )
    told = "\n".join(str(each) for each in read.warnings)
    assert "config.yaml:2: `cors_orgins`" in told and "Did you mean `cors_origins`?" in told
    assert "`example.com` of `cors_origins` is no origin" in told
    assert "config.yaml:3: `rpm` has no effect under `default_provider_configs`" in told


def test_a_key_for_clients_alone_locks_the_gateway(loaded: Loaded) -> None:
    read = loaded(MODEL + "litellm_params: {api_key: sk-test-client-1}")
    assert read.master_key is None
    assert read.locked
    assert not loaded(MODEL).locked


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "deny"),
        ("general_settings: {allow_client_side_credentials: true}", "beside"),
        ("trunkline: {client_keys: allow}", "allow"),
        ("trunkline: {client_keys: deny}\ngeneral_settings: {allow_client_side_credentials: true}", "deny"),
    ],
)
def test_litellms_flag_wants_a_key_of_the_gateways_beside_a_callers_own(loaded: Loaded, more: str, said: str) -> None:
    assert loaded(MODEL + more).client_keys == said
