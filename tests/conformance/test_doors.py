"""Each SDK at each kind of door: with the master key, with a virtual key, and where no key is asked for."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.agents import run, workplace
from tests.conformance.conftest import DIRECT, Door
from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, config_for, litellm_python, node, node_modules, provider_environment
from tests.wall.asking import ask

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(DIRECT, reason="this is about the gateway's own keys"),
]

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def doors(fake_server: FakeProvider) -> Iterator[dict[str, Door]]:
    env = provider_environment(fake_server.url, GOOD_KEY)
    config = config_for(fake_server.url)
    open_config = config.replace(f"general_settings: {{master_key: {MASTER_KEY}}}", "general_settings: {}")
    with Gateway(config, env=env) as locked, Gateway(open_config, env=env) as unlocked:
        made = ask(locked.url, "/key/generate", {"models": ["glm-4.6"], "max_budget": 1}, headers=locked.headers)
        assert made.status == 200, made.body
        yield {
            "master": Door(locked.url, MASTER_KEY),
            "virtual": Door(locked.url, made.json["key"]),
            "none": Door(unlocked.url, "anything"),
        }


KINDS = ("master", "virtual", "none")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("client", ["openai", "litellm", "langchain_openai", "langchain_anthropic"])
def test_a_python_sdk_is_answered(doors: dict[str, Door], fake_provider: FakeProvider, client: str, kind: str) -> None:
    door = doors[kind]
    with workplace() as (home, project):
        program = shutil.copy(HERE / "programs" / "doors.py", project / "doors.py")
        env = {"DOOR_URL": door.url, "DOOR_KEY": door.key, "CLIENT": client, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        done = run([str(litellm_python()), str(program)], home=home, project=project, env=env, within=60)
    assert done.code == 0, done.told
    heard = json.loads(done.stdout.splitlines()[-1])
    assert (heard["whole"], heard["last"]) == ("grüezi✓", "w39")
    assert heard["pieces"] >= 30
    assert {one.key for one in fake_provider.talks} == {GOOD_KEY}
    assert not [one for one in fake_provider.talks if "metadata" in one.json and client == "litellm"]


@pytest.mark.parametrize("kind", KINDS)
def test_langchain_for_javascript_is_answered(doors: dict[str, Door], fake_provider: FakeProvider, kind: str) -> None:
    door = doors[kind]
    with workplace() as (home, project):
        for script in ("run.mjs", "doors.mjs"):
            shutil.copy(HERE / "js" / script, project / script)
        os.symlink(node_modules(), project / "node_modules", target_is_directory=True)
        env = {"DOOR_URL": door.url, "DOOR_KEY": door.key}
        done = run([node(), "doors.mjs"], home=home, project=project, env=env, within=60)
    assert done.code == 0, done.told
    told = json.loads(done.stdout)
    assert told == {"whole": "ok", "stream": "ok", "tools": "ok"}, told
