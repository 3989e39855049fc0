"""The SDK is brought in when it is needed, and its absence is a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.unit.upstream.pool_peer import Run
from trunkline.errors import ConfigInvalid
from trunkline.upstream.litellm_sdk import load as module
from trunkline.upstream.litellm_sdk.load import SETTINGS, Loader


def test_without_the_package_the_failure_names_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)

    async def work() -> None:
        with pytest.raises(ConfigInvalid) as refused:
            await Loader({})()
        assert "pip install 'trunkline[litellm]'" in refused.value.remedy

    run(work())


def test_a_gateway_without_such_a_deployment_imports_nothing_of_it() -> None:
    script = "import sys, trunkline.app; print([n for n in ('litellm', 'openai', 'httpx') if n in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_other_variables_take_the_place_of_those_before(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def imported(variables: Mapping[str, str]) -> object:
        os.environ.update(variables)
        return object()

    monkeypatch.setattr(module, "_load", imported)
    monkeypatch.setattr(os, "environ", {"HERE_API_KEY": "process", "PATH": "/bin"})
    loader = Loader({"HERE_API_KEY": "one", "GONE_API_KEY": "two"})
    loader.lay({"HERE_API_KEY": "first", "GONE_API_KEY": "second"})
    assert os.environ == {"HERE_API_KEY": "process", "PATH": "/bin"}, "nothing was imported yet"
    run(_called(loader))
    assert os.environ == {"HERE_API_KEY": "first", "GONE_API_KEY": "second", "PATH": "/bin"}
    loader.lay({"NEW_API_KEY": "third", "OPENAI_API_KEY": "hidden", "LITELLM_MODE": "DEV"})
    assert os.environ == {"HERE_API_KEY": "process", "NEW_API_KEY": "third", "PATH": "/bin"}
    assert {"first", "second", "third"} <= set(loader.found.values()), "old keys are still kept out of errors"
    before = loader.found
    loader.lay({"NEW_API_KEY": "third", "OPENAI_API_KEY": "hidden", "LITELLM_MODE": "DEV"})
    assert loader.found is before


async def _called(loader: Loader) -> None:
    await loader()
