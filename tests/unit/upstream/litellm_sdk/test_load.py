"""The SDK is brought in when it is needed, and its absence is a sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.unit.upstream.pool_peer import Run
from trunkline.errors import ConfigInvalid
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
