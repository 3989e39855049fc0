"""Hosted providers, one row each, with the page each fact was read on. Data only.

A wire is listed where its vendor documents it for use. Left out on purpose: Anthropic's OpenAI layer (documented for
tests, not for production), xAI's Anthropic layer (documented as deprecated).
"""

from __future__ import annotations

from trunkline.catalog.provider import Endpoint, Provider

VENDORS: tuple[Provider, ...] = (
    Provider(
        name="anthropic",
        search=10_000_000,  # $10 per 1,000: platform.claude.com/docs/en/about-claude/pricing, 2026-11
        title="Anthropic",
        endpoints={"anthropic": Endpoint("https://api.anthropic.com", "x-api-key")},
        key_names=("ANTHROPIC_API_KEY",),
        base_names=("ANTHROPIC_API_BASE",),
        key_page="https://platform.claude.com/settings/keys",
        source="platform.claude.com/docs/en/api/overview and /api/openai-sdk, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="openai",
        search=10_000_000,  # $10 per 1,000: platform.openai.com/docs/pricing, 2026-11
        lookup=2_500_000,  # $2.50 per 1,000, in Responses: the same page
        title="OpenAI",
        endpoints={
            "openai_chat": Endpoint("https://api.openai.com/v1"),
            "openai_responses": Endpoint("https://api.openai.com/v1"),
        },
        key_names=("OPENAI_API_KEY",),
        base_names=("OPENAI_API_BASE",),
        literal_origin=True,
        key_page="https://platform.openai.com/api-keys",
        source="developers.openai.com/api/reference/overview, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="gemini",
        search=14_000_000,  # $14 per 1,000 queries: ai.google.dev/gemini-api/docs/pricing, 2026-09
        title="Google Gemini",
        prefers="gemini",
        endpoints={
            "openai_chat": Endpoint("https://generativelanguage.googleapis.com/v1beta/openai"),
            "gemini": Endpoint("https://generativelanguage.googleapis.com/v1beta", "x-goog-api-key"),
        },
        key_names=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        base_names=("GEMINI_API_BASE",),
        key_page="https://aistudio.google.com/apikey",
        source="ai.google.dev/gemini-api/docs/openai and /api, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="deepseek",
        title="DeepSeek",
        endpoints={
            "openai_chat": Endpoint("https://api.deepseek.com"),
            "anthropic": Endpoint("https://api.deepseek.com/anthropic", "x-api-key"),
        },
        key_names=("DEEPSEEK_API_KEY",),
        base_names=("DEEPSEEK_API_BASE",),
        other_paths=("/v1", "/beta"),
        key_page="https://platform.deepseek.com/api_keys",
        source="api-docs.deepseek.com and /guides/anthropic_api, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="moonshot",
        title="Moonshot AI",
        endpoints={
            "openai_chat": Endpoint("https://api.moonshot.ai/v1"),
            "anthropic": Endpoint("https://api.moonshot.ai/anthropic"),
            "openai_responses": Endpoint("https://api.moonshot.ai/v1"),
        },
        aliases=("moonshotai", "kimi"),
        key_names=("MOONSHOT_API_KEY",),
        base_names=("MOONSHOT_API_BASE",),
        key_page="https://platform.kimi.ai/console/api-keys",
        source="platform.kimi.ai/docs/api/overview, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="openrouter",
        title="OpenRouter",
        endpoints={
            "openai_chat": Endpoint("https://openrouter.ai/api/v1"),
            "anthropic": Endpoint("https://openrouter.ai/api"),
            "openai_responses": Endpoint("https://openrouter.ai/api/v1"),
        },
        key_names=("OPENROUTER_API_KEY", "OR_API_KEY"),
        base_names=("OPENROUTER_API_BASE",),
        key_page="https://openrouter.ai/settings/keys",
        source="openrouter.ai/docs/quickstart, /guides/claude-code, /api_reference/responses, 2026-11-20; "
        "names: LiteLLM 1.109.1",
    ),
    Provider(
        name="groq",
        title="Groq",
        endpoints={
            "openai_chat": Endpoint("https://api.groq.com/openai/v1"),
            "openai_responses": Endpoint("https://api.groq.com/openai/v1"),
        },
        key_names=("GROQ_API_KEY",),
        base_names=("GROQ_API_BASE",),
        key_page="https://console.groq.com/keys",
        source="console.groq.com/docs/openai, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="mistral",
        title="Mistral AI",
        endpoints={"openai_chat": Endpoint("https://api.mistral.ai/v1")},
        key_names=("MISTRAL_API_KEY",),
        base_names=("MISTRAL_API_BASE",),
        key_page="https://console.mistral.ai/api-keys",
        asks_usage=False,
        source="docs.mistral.ai/resources/migration-guides, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="xai",
        title="xAI",
        endpoints={
            "openai_chat": Endpoint("https://api.x.ai/v1"),
            "openai_responses": Endpoint("https://api.x.ai/v1"),
        },
        aliases=("x-ai",),
        key_names=("XAI_API_KEY",),
        base_names=("XAI_API_BASE",),
        key_page="https://console.x.ai",
        source="docs.x.ai/developers/introduction and /api/integrations, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="together_ai",
        title="Together AI",
        endpoints={"openai_chat": Endpoint("https://api.together.ai/v1")},
        aliases=("together",),
        key_names=("TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_TOKEN"),
        base_names=("TOGETHER_AI_API_BASE",),
        key_page="https://api.together.ai/settings/api-keys",
        source="docs.together.ai/docs/inference/openai-compatibility, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="azure",
        title="Azure OpenAI",
        endpoints={
            "openai_chat": Endpoint("", "api-key"),
            "openai_responses": Endpoint("", "api-key"),
        },
        key_names=("AZURE_API_KEY", "AZURE_OPENAI_API_KEY"),
        base_names=("AZURE_API_BASE", "AZURE_OPENAI_ENDPOINT"),
        azure=True,
        literal_origin=True,
        key_page="https://portal.azure.com",
        source="learn.microsoft.com/azure/foundry/openai/api-version-lifecycle, 2026-11-20; names: LiteLLM 1.109.1",
    ),
)
