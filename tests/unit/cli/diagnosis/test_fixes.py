"""A change is told where it can be made: the deployment's line, its address, or the variable that holds one."""

from __future__ import annotations

from trunkline.catalog.place import place
from trunkline.catalog.providers import find
from trunkline.cli.diagnosis.fixes import beside, new_base, setting
from trunkline.config.schema import Deployment, Door, Secret

THERE = "https://api.z.ai/api/coding/paas/v4"


def zai(where: str = "config.yaml:3", base: str = "", *, from_environment: bool = False) -> Deployment:
    row = find("zai")
    assert row is not None
    ends = place(row, api_base=base, from_environment=from_environment)
    doors = {wire: Door(end.base, end.auth) for wire, end in ends.items()}
    written = "" if from_environment else base
    return Deployment("1", "glm", row, "glm-4.6", doors, Secret("k", "ZAI_API_KEY"), where=where, api_base=written)


def test_a_deployment_without_an_address_gets_the_setting() -> None:
    assert setting(zai(), "plan: coding", THERE, {}) == "write `plan: coding` beside the model (config.yaml:3)"
    origin = zai(base="http://proxy.local", from_environment=True)
    said = setting(origin, "plan: coding", THERE, {"ZAI_API_BASE": "http://proxy.local"})
    assert said == "write `plan: coding` beside the model (config.yaml:3)"


def test_an_address_that_was_written_is_to_be_changed() -> None:
    for base in ("https://api.z.ai/api/paas/v4", "https://llm.corp/api/paas/v4"):
        own = setting(zai(base=base), "plan: coding", THERE, {"ZAI_API_BASE": "https://api.z.ai"})
        assert own == f"write `api_base: {THERE}` beside the model (config.yaml:3)"


def test_without_a_file_a_variable_is_set() -> None:
    said = setting(zai(where="from ZAI_API_KEY"), "plan: coding", THERE, {})
    assert said == f"set `ZAI_API_BASE={THERE}`"
    other = new_base(zai(where="from ZAI_API_KEY"), THERE, {"ZAI_BASE_URL": "https://api.z.ai"})
    assert other == f"set `ZAI_BASE_URL={THERE}`"


def test_a_variable_that_holds_a_whole_address_is_named() -> None:
    base = "https://api.z.ai/api/paas/v4"
    said = setting(zai(base=base, from_environment=True), "plan: coding", THERE, {"ZAI_API_BASE": base})
    assert said.startswith(f"set `ZAI_API_BASE={THERE}`")


def test_the_pots_addresses_stand_beside_each_other() -> None:
    assert beside("https://api.z.ai/api/anthropic", "anthropic", "payg") == "https://api.z.ai/api/paas/v4"
    assert beside("https://api.z.ai/api/paas/v4", "openai_chat", "coding") == THERE
    assert beside("https://open.bigmodel.cn/x", "anthropic", "coding") == "https://open.bigmodel.cn/api/anthropic"
