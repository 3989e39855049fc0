"""The JavaScript clients: Anthropic's SDK, OpenAI's SDK and LangChain's ChatOpenAI, run by node."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.conformance.agents import run, workplace
from tests.conformance.conftest import Door
from tests.harness import node, node_modules

pytestmark = pytest.mark.conformance

SCRIPTS = Path(__file__).parent / "js"


@pytest.mark.parametrize("client", ["anthropic", "openai", "langchain"])
def test_every_check_of_a_javascript_client_passes(door: Door, client: str) -> None:
    """One process for each client; it tells for each of its checks whether it went well, or why not."""
    with workplace() as (home, project):
        for script in ("run.mjs", f"{client}.mjs"):
            shutil.copy(SCRIPTS / script, project / script)
        os.symlink(node_modules(), project / "node_modules", target_is_directory=True)
        env = {"DOOR_URL": door.url, "DOOR_KEY": door.key, "DOOR_BAD_KEY": door.bad_key}
        done = run([node(), f"{client}.mjs"], home=home, project=project, env=env, within=60)
    assert done.code == 0, done.told
    told = json.loads(done.stdout)
    assert len(told) >= 6
    bad = {name: why for name, why in told.items() if why != "ok"}
    assert not bad, "\n".join(f"{client} {name}: {why}" for name, why in bad.items())
