"""How the ledger calls what answers without a provider: names that no provider and no deployment has."""

from __future__ import annotations

HERE = "trunkline"
"""The provider of a row whose call nobody was asked for."""
CACHE = "cache"
"""The deployment of a row whose answer had been given before, or was another call's as it came."""
