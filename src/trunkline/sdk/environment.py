"""Which keys a model needs, and whether they are there."""

from __future__ import annotations

import os
from typing import Any

from trunkline.config.deploy import whose
from trunkline.errors import ConfigInvalid
from trunkline.sdk.setup import SPOKEN


def validate_environment(model: str | None = None, api_key: str | None = None, **_others: Any) -> dict[str, Any]:
    """`{"keys_in_environment": bool, "missing_keys": [names]}`, as LiteLLM has it; asks nobody."""
    try:
        provider, _ = whose(model or "", "", "", SPOKEN)
    except ConfigInvalid:
        return {"keys_in_environment": False, "missing_keys": []}
    found = not provider.needs_key or bool(api_key) or any(os.environ.get(name) for name in provider.key_names)
    return {"keys_in_environment": found, "missing_keys": [] if found else list(provider.key_names[:1])}
