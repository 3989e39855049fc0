"""The client for pages, as it is shipped."""

from __future__ import annotations

import re

from trunkline.serve import script

_EXPORTED = re.compile(r"^export (?:class|function) (\w+)", re.MULTILINE)


def test_its_types_name_what_it_has() -> None:
    module, types = (script.text(name).decode() for name in script.FILES)
    names = sorted(_EXPORTED.findall(module))
    assert names == sorted(_EXPORTED.findall(types))
    assert {"FrontendGatewayClient", "LiteLLMGatewayClient", "GatewayError", "RateLimitError"} <= set(names)


def test_it_depends_on_nothing() -> None:
    module = script.text("client.js").decode()
    assert not re.search(r"^\s*import |\brequire\(", module, re.MULTILINE)
