"""A short digest of a snapshot, to tell two configurations apart in logs and in readiness. Pure."""

from __future__ import annotations

import hashlib

from trunkline.config.schema import Secret, Snapshot


def version_of(snapshot: Snapshot) -> str:
    """Twelve digits that differ when anything that matters differs.

    Long secrets take part as their hashes; of short ones only the length does, since a published hash of a guessable
    key could be guessed back.
    """
    digest = hashlib.sha256()

    def add(*parts: object) -> None:
        digest.update("\0".join(map(str, parts)).encode("utf-8", "surrogatepass") + b"\n")

    def sealed(secret: Secret | None) -> str:
        if secret is None:
            return ""
        value = secret.value
        hidden = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest() if len(value) >= 24 else len(value)
        return f"{secret.source} {hidden}"

    for found in (*snapshot.groups.values(), *(members for _, members in snapshot.wildcards)):
        for each in found:
            add(each, sealed(each.key), each.params, each.extra_body)
            add(*(sealed(Secret(str(value), name)) for name, value in each.sdk.items()))
            add(*(sealed(Secret(value, name)) for name, value in each.headers))
    for secret in (snapshot.master_key, snapshot.client_key, snapshot.database_url, snapshot.redis_url):
        add(sealed(secret))
    add(snapshot.aliases, sorted(snapshot.hidden), snapshot.fallbacks, snapshot.default_fallbacks)
    add(snapshot.default_model, snapshot.client_keys, snapshot.num_retries, snapshot.timeout, snapshot.stream_timeout)
    add(snapshot.drop_params, snapshot.routing, snapshot.extras, snapshot.callbacks, snapshot.cors_origins)
    add(snapshot.error_codes)
    add(snapshot.allowances)
    add(snapshot.key_defaults, snapshot.key_bounds, snapshot.provider_limits)
    add(snapshot.health_every, snapshot.metrics_open)
    add(snapshot.limits, sorted(snapshot.prices.items()), snapshot.raw_settings)
    return digest.hexdigest()[:12]
