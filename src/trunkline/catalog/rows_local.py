"""Servers that people run themselves, and the demo provider that lives in this process. Data only."""

from __future__ import annotations

from trunkline.catalog.provider import Endpoint, Provider

_OLLAMA = "http://127.0.0.1:11434"
_LM_STUDIO = "http://127.0.0.1:1234"

LOCAL: tuple[Provider, ...] = (
    Provider(
        name="ollama",
        leaks=True,
        prefers="ollama",
        title="Ollama",
        endpoints={
            "ollama": Endpoint(_OLLAMA, "none"),
            "openai_chat": Endpoint(f"{_OLLAMA}/v1", "none"),
            "anthropic": Endpoint(_OLLAMA, "none"),
            "openai_responses": Endpoint(f"{_OLLAMA}/v1", "none"),
        },
        aliases=("ollama_chat",),
        key_names=("OLLAMA_API_KEY",),
        base_names=("OLLAMA_API_BASE", "OLLAMA_BASE_URL", "OLLAMA_HOST"),
        needs_key=False,
        key_page="https://ollama.com/settings/keys",
        free=True,
        source="docs.ollama.com/api/openai-compatibility and /api/anthropic-compatibility, 2026-11-20 "
        "(Responses since 0.13.3); names: LiteLLM 1.109.1, Ollama's own OLLAMA_HOST",
    ),
    Provider(
        name="hosted_vllm",
        leaks=True,
        title="vLLM",
        endpoints={
            "openai_chat": Endpoint("", "none"),
            "anthropic": Endpoint("", "none"),
            "openai_responses": Endpoint("", "none"),
        },
        suffixes={"openai_chat": "/v1", "anthropic": "", "openai_responses": "/v1"},
        aliases=("vllm",),
        key_names=("HOSTED_VLLM_API_KEY", "VLLM_API_KEY"),
        base_names=("HOSTED_VLLM_API_BASE", "VLLM_API_BASE"),
        needs_key=False,
        source="docs.vllm.ai/en/v0.32.0/serving/online_serving, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="lm_studio",
        leaks=True,
        title="LM Studio",
        endpoints={
            "openai_chat": Endpoint(f"{_LM_STUDIO}/v1", "none"),
            "anthropic": Endpoint(_LM_STUDIO, "none"),
            "openai_responses": Endpoint(f"{_LM_STUDIO}/v1", "none"),
        },
        aliases=("lmstudio",),
        key_names=("LM_STUDIO_API_KEY",),
        base_names=("LM_STUDIO_API_BASE",),
        free=True,
        needs_key=False,
        source="lmstudio.ai/docs/developer/anthropic-compat and /openai-compat, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="openai_like",
        leaks=True,
        title="OpenAI-compatible",
        endpoints={"openai_chat": Endpoint("", "none")},
        aliases=("custom_openai",),
        key_names=("OPENAI_LIKE_API_KEY",),
        base_names=("OPENAI_LIKE_API_BASE",),
        literal_origin=True,
        needs_key=False,
        source="docs.litellm.ai/docs/providers/openai_compatible, LiteLLM 1.109.1, 2026-11-20",
    ),
    Provider(
        name="demo",
        title="Trunkline's demo",
        endpoints={
            "anthropic": Endpoint("demo://echo", "none"),
            "openai_chat": Endpoint("demo://echo", "none"),
            "openai_responses": Endpoint("demo://echo", "none"),
            "ollama": Endpoint("demo://echo", "none"),
        },
        needs_key=False,
        free=True,
        embedded="demo",
        source="Trunkline itself",
    ),
)
