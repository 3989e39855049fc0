"""The JavaScript clients: Anthropic's SDK, OpenAI's SDK, LangChain's ChatOpenAI, plain fetch, and the gateway's own."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.conformance.agents import run, workplace
from tests.conformance.conftest import DIRECT, Door
from tests.harness import node, node_modules, npm_client

pytestmark = pytest.mark.conformance

SCRIPTS = Path(__file__).parent / "js"
OURS = Path(__file__).parents[2] / "src" / "trunkline" / "serve" / "client"
BEHIND = pytest.mark.skipif(DIRECT, reason="this is about the gateway's own paths and words")


@pytest.mark.parametrize(
    "client",
    ["anthropic", "openai", "langchain", pytest.param("bases", marks=BEHIND), pytest.param("client", marks=BEHIND)],
)
def test_every_check_of_a_javascript_client_passes(door: Door, client: str) -> None:
    """One process for each client; it tells for each of its checks whether it went well, or why not."""
    with workplace() as (home, project):
        for script in ("run.mjs", f"{client}.mjs"):
            shutil.copy(SCRIPTS / script, project / script)
        os.symlink(node_modules(), project / "node_modules", target_is_directory=True)
        shutil.copytree(OURS, project / "client")
        env = {"DOOR_URL": door.url, "DOOR_KEY": door.key, "DOOR_BAD_KEY": door.bad_key}
        done = run([node(), f"{client}.mjs"], home=home, project=project, env=env, within=60)
    assert done.code == 0, done.told
    told = json.loads(done.stdout)
    assert len(told) >= 6
    bad = {name: why for name, why in told.items() if why != "ok"}
    assert not bad, "\n".join(f"{client} {name}: {why}" for name, why in bad.items())


def test_the_types_of_the_gateways_own_client_are_those_that_programs_need() -> None:
    with workplace() as (home, project):
        shutil.copy(SCRIPTS / "typed.ts", project / "typed.ts")
        shutil.copytree(OURS, project / "client")
        flags = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--module", "nodenext"]
        compiler = [str(npm_client("tsc")), *flags, "typed.ts"]
        (project / "package.json").write_text('{"type": "module"}')
        done = run(compiler, home=home, project=project, env={}, within=60)
    assert done.code == 0, done.told
