"""What is said of the cache: LiteLLM's `cache` and `cache_params`, and `trunkline.cache`. No I/O.

Source: docs.litellm.ai/docs/proxy/caching, caching_settings and caching_controls, `litellm/caching`, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.config.litellm_settings import Settings
from trunkline.config.mend import Mend, leaves, replaced
from trunkline.config.refuse import nearest
from trunkline.config.schema import Caching
from trunkline.config.section import Section
from trunkline.model.wires import ANSWERING, EMBEDDING, Operation


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HERE = ("local", "in_memory", "in-memory", "memory")
"""Names of the one kind of cache there is: each worker's own memory. LiteLLM calls it `local`."""
ELSEWHERE = (
    "redis",
    "valkey",
    "redis-semantic",
    "valkey-semantic",
    "qdrant-semantic",
    "s3",
    "gcs",
    "azure-blob",
    "disk",
)
"""LiteLLM's other kinds."""

_CONVERSATIONS = ANSWERING - {"responses"}
CALLS: Mapping[str, frozenset[Operation]] = {
    "completion": _CONVERSATIONS,
    "acompletion": _CONVERSATIONS,
    "anthropic_messages": frozenset({"messages"}),
    "text_completion": frozenset({"completions"}),
    "atext_completion": frozenset({"completions"}),
    "embedding": EMBEDDING,
    "aembedding": EMBEDDING,
    "responses": frozenset({"responses"}),
    "aresponses": frozenset({"responses"}),
}
"""LiteLLM's call types → operations whose answers are kept for them."""
EVERYTHING: frozenset[Operation] = frozenset().union(*CALLS.values())
_RELAYED = ("transcription", "atranscription", "rerank", "arerank")
"""Call types whose answers pass as bytes that nobody reads: never kept."""

_USED = ("type", "ttl", "default_in_memory_ttl", "namespace", "mode", "supported_call_types")
_OWN = ("shared", "streamed_tools", "bytes", "entry")
_OTHERS = _words(
    """
    host port password username url db ssl startup_nodes redis_startup_nodes sentinel_nodes sentinel_password
    service_name gcp_service_account gcp_ssl_ca_certs default_in_redis_ttl max_connections socket_timeout
    redis_flush_size similarity_threshold redis_semantic_cache_use_async redis_semantic_cache_embedding_model
    redis_semantic_cache_index_name qdrant_semantic_cache_embedding_model qdrant_collection_name
    qdrant_quantization_config qdrant_api_base qdrant_api_key s3_bucket_name s3_region_name s3_api_version
    s3_use_ssl s3_verify s3_endpoint_url s3_aws_access_key_id s3_aws_secret_access_key s3_aws_session_token s3_config
    s3_path gcs_bucket_name gcs_path_service_account gcs_path disk_cache_dir azure_account_url azure_blob_container
    enable_redis_auth
    """
)
"""Keys of `cache_params` that are about those other kinds."""


def read_caching(settings: Settings) -> Caching | None:
    """The cache's settings; None where none is wanted. What has no effect is a warning."""
    params = settings.litellm.mapping("cache_params")
    own = settings.trunkline.mapping("cache")
    if not settings.litellm.flag("cache"):
        for section in (params, own):
            if section is not None and section.parent is not None:
                message = f"`{section.title}` has no effect: no cache is on."
                line, mend = section.parent.line(section.title), leaves(section.parent.data, section.title)
                section.reading.warn(line, message, "Write `cache: true` beside it.", "value", mend)
        return None
    params = params or Section(settings.reading, {}, "cache_params", settings.litellm.line("cache"))
    own = own or Section(settings.reading, {}, "cache", 0)
    _tell(params)
    for key in own.data:
        if key not in _OWN:
            own.stray(key, "of trunkline.cache is unknown.", nearest(key, _OWN))
    plain = Caching()
    return Caching(
        ttl=params.seconds("ttl") or params.seconds("default_in_memory_ttl") or plain.ttl,
        namespace=params.text("namespace"),
        asked_for=params.choice("mode", ("default_on", "default_off")) == "default_off",
        operations=_operations(params),
        bytes=own.integer("bytes", least=1) or plain.bytes,
        entry=own.integer("entry", least=1) or plain.entry,
        shared=bool(own.flag("shared")),
        streamed_tools=bool(own.flag("streamed_tools")),
    )


def _tell(params: Section) -> None:
    """Warns of what in `cache_params` does not do what its writer hoped."""
    kind, warn = params.text("type").lower() or HERE[0], params.reading.warn
    if kind in ELSEWHERE:
        message = f"a cache of type `{kind}` does not exist in this version: answers are kept in each worker's memory."
        remedy = "Write `type: local` to say so; a shared cache comes later."
        warn(params.line("type"), message, remedy, "unsupported", replaced(params.data, "type", HERE[0]))
    elif kind not in HERE:
        raise params.wrong("type", " or ".join(f"`{name}`" for name in (HERE[0], *ELSEWHERE)))
    for key in params.data:
        if key in _USED:
            continue
        if key in _OTHERS:
            if kind in HERE:
                message = f"`{key}` changes nothing in a cache in memory."
                warn(params.line(key), message, "It can stay.", "note", leaves(params.data, key))
            continue
        params.stray(key, "of cache_params is unknown.", nearest(key, (*_USED, *_OTHERS)))


def _operations(params: Section) -> frozenset[Operation]:
    """What `supported_call_types` lets be kept: everything where nothing is said, nothing where the list is empty."""
    if params.data.get("supported_call_types") is None:
        return EVERYTHING
    kept: set[Operation] = set()
    names = params.words("supported_call_types")
    right = {name: name if name in CALLS else nearest(name, CALLS) for name in names if name not in _RELAYED}
    mend = Mend(params.data, "supported_call_types", "supported_call_types", value=[*filter(None, right.values())])
    for name in names:
        line = params.line("supported_call_types")
        if name in CALLS:
            kept |= CALLS[name]
        elif name in _RELAYED:
            message = f"answers to `{name}` are relayed and never kept."
            params.reading.warn(line, message, "It can stay.", "unsupported", mend)
        else:
            remedy = f"Did you mean `{right[name]}`?" if right[name] else "Remove it."
            params.reading.warn(line, f"`{name}` is no call type.", remedy, "unknown", mend)
    return frozenset(kept)
