"""Deployments that go through LiteLLM's SDK: refused without it, with the command that installs it; read with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config.conftest import Loaded
from trunkline.catalog import litellm_sdk
from trunkline.config.check import rows
from trunkline.config.schema import Deployment, Snapshot
from trunkline.errors import ConfigInvalid


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litellm_sdk, "_home", lambda: None)


def models(*params: str) -> str:
    entries = "".join(f"  - {{model_name: m{nth}, litellm_params: {{{each}}}}}\n" for nth, each in enumerate(params))
    return f"model_list:\n{entries}"


def only(snapshot: Snapshot) -> Deployment:
    [deployment] = snapshot.groups["m0"]
    return deployment


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize(
    "params",
    [
        "model: bedrock/x",
        'model: deepinfra/x, api_base: "http://127.0.0.1:9/v1"',
        "model: x, custom_llm_provider: veniceai",
    ],
)
def test_without_the_sdk_the_refusal_says_how_to_install_it(loaded: Loaded, params: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        loaded(models(params))
    assert "config.yaml:2" in refused.value.message
    assert "LiteLLM's SDK, which is not installed" in refused.value.message
    assert "pip install 'trunkline[litellm]'" in refused.value.remedy


@pytest.mark.usefixtures("without")
def test_without_the_sdk_a_kind_can_be_left_out(loaded: Loaded) -> None:
    snapshot = loaded(models("model: bedrock/x", "model: openai/y, api_key: sk-test-1"), ignore=frozenset({"bedrock"}))
    assert "m0" not in snapshot.groups
    assert "m1" in snapshot.groups


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("prefix", ["bedrock", "brand-new", "veniceai", "deepinfra"])
def test_what_the_sdk_knows_has_one_wire_and_needs_no_key(loaded: Loaded, prefix: str) -> None:
    deployment = only(loaded(models(f"model: {prefix}/some/model")))
    assert deployment.provider.embedded == "litellm"
    assert deployment.model == "some/model"
    assert {wire: door.base for wire, door in deployment.doors.items()} == {"openai_chat": f"litellm://{prefix}"}
    assert deployment.key is None
    assert not deployment.key_missing


@pytest.mark.usefixtures("installed")
def test_a_prefix_that_nobody_knows_is_still_refused(loaded: Loaded) -> None:
    with pytest.raises(ConfigInvalid, match="no provider is called `bedrok`"):
        loaded(models("model: bedrok/x"))


@pytest.mark.usefixtures("installed")
def test_a_row_of_the_catalog_never_goes_through_the_sdk(loaded: Loaded) -> None:
    assert not only(loaded(models("model: openai/x, api_key: sk-test-1"))).provider.embedded


@pytest.mark.usefixtures("installed")
def test_credentials_and_unknown_settings_go_to_the_sdk_and_members_to_the_request(loaded: Loaded) -> None:
    params = (
        "model: bedrock/x, aws_region_name: eu-west-3, aws_secret_access_key: os.environ/S, performanceConfig: {a: 1}, "
        "temperature: 0.5, drop_params: true, mock_response: no"
    )
    snapshot = loaded(models(params), S="very-secret-1")
    deployment = only(snapshot)
    assert deployment.sdk == {
        "aws_region_name": "eu-west-3",
        "aws_secret_access_key": "very-secret-1",
        "performanceConfig": {"a": 1},
    }
    assert dict(deployment.params) == {"temperature": 0.5}
    assert "very-secret-1" not in repr(snapshot)
    told = [(warning.kind, warning.message.split("`")[1]) for warning in snapshot.warnings]
    assert told == [("note", "performanceConfig"), ("unsupported", "mock_response")]


@pytest.mark.usefixtures("installed")
def test_a_key_is_the_files_or_the_usual_variables(loaded: Loaded) -> None:
    written = only(loaded(models("model: veniceai/x, api_key: sk-test-1")))
    assert written.key and written.key.value == "sk-test-1"
    found = only(loaded(models("model: brand-new/x"), BRAND_NEW_API_KEY="sk-test-2"))
    assert found.key and found.key.source == "BRAND_NEW_API_KEY"
    missing = only(loaded(models("model: veniceai/x, api_key: os.environ/UNSET")))
    assert "UNSET" in missing.key_missing


@pytest.mark.usefixtures("installed")
def test_its_address_is_shown_and_so_is_litellms_price(loaded: Loaded) -> None:
    snapshot = loaded(
        models(
            'model: veniceai/llama, api_base: "http://127.0.0.1:9/v1/"',
            "model: bedrock/converse/anthropic.claude-3-haiku",
            "model: veniceai/half",
            "model: veniceai/gpt-5",
            "model: veniceai/llama, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002",
        )
    )
    shown = rows(snapshot)
    assert shown[0].doors == (("openai_chat", "http://127.0.0.1:9/v1"),)
    assert shown[0].key == "left to the SDK"
    prices = [row.price for row in shown if row.provider != "demo"]
    assert prices == ["0.25 in, 1.25 out", "0.25 in, 1.25 out", "unknown", "unknown", "1 in, 2 out"]


@pytest.mark.usefixtures("installed")
def test_variables_of_files_are_kept_for_the_sdk(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AWS_REGION_NAME=eu-west-3\nTAKEN=file\n")
    text = models("model: bedrock/x") + "environment_variables: {AWS_PROFILE: team}\n"
    snapshot = loaded(text, TAKEN="process")
    assert dict(snapshot.variables) == {"AWS_REGION_NAME": "eu-west-3", "AWS_PROFILE": "team"}


@pytest.mark.usefixtures("installed")
def test_two_regions_are_two_deployments(loaded: Loaded) -> None:
    text = models("model: bedrock/x, aws_region_name: a", "model: bedrock/x, aws_region_name: b").replace("m1", "m0")
    snapshot = loaded(text)
    one, other = snapshot.groups["m0"]
    assert one.id != other.id
    assert not snapshot.warnings


def test_a_release_whose_files_lie_elsewhere_is_still_known_by_our_own_list(installed: Path, loaded: Loaded) -> None:
    for file in installed.rglob("*.json"):
        file.unlink()
    deployment = only(loaded(models("model: deepinfra/x")))
    assert deployment.provider.title == "deepinfra (through LiteLLM)"
    assert litellm_sdk.price("deepinfra", "x") is None


def test_a_folder_that_is_merely_called_so_is_no_sdk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "litellm").mkdir()
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert not litellm_sdk.installed()
