"""What servers of this wire do differently, one row a provider: data, and nothing that acts.

A provider without a row is taken at its plainest: what every compatible server understands.
Sources, all 2026-11-20: developers.openai.com/api/reference (chat), docs.z.ai/api-reference/llm/chat-completion,
api-docs.deepseek.com/guides/thinking_mode, platform.kimi.ai/docs (thinking, partial mode),
docs.mistral.ai/capabilities/reasoning and /api (message order: error 3230), openrouter.ai/docs (reasoning tokens,
parameters), docs.vllm.ai (sampling, reasoning outputs), console.groq.com/docs/reasoning,
docs.ollama.com/api/openai-compatibility, ai.google.dev/gemini-api/docs/openai.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from trunkline.model.dialect import Dialect

Thinks = Literal["", "openai", "levels", "zai", "deepseek", "moonshot", "openrouter", "mistral", "groq"]


@dataclass(frozen=True, slots=True)
class Way:
    """How one provider has it."""

    thinks: Thinks = "levels"
    """How thinking is asked for. `levels`: `reasoning_effort`, where the model is known to reason."""
    replay: Literal["", "reasoning_content", "reasoning", "parts"] = ""
    """Where an assistant message carries what was thought; `parts`: among the content's parts. Empty: nowhere."""
    details: bool = False
    """`reasoning_details` are understood: signed thinking goes back to it as it came."""
    signs_calls: bool = False
    """`extra_content.google.thought_signature` of a call."""
    samplers: Mapping[str, str] = field(
        default_factory=lambda: {
            "seed": "seed",
            "presence": "presence_penalty",
            "frequency": "frequency_penalty",
            "logit_bias": "logit_bias",
        }
    )
    """Samplers beyond temperature and top_p: our word → its word. The others are left out."""
    parallel: bool = True
    custom_tools: bool = False
    allowed_tools: bool = False
    forced_tool: bool = True
    strict: bool = False
    verbosity: bool = False
    refusals: bool = False
    middle: bool = False
    """A system message may stand among the others, where the model's row does not say."""
    files: bool = False
    audio: bool = False
    bare_images: bool = False
    """Base64 without the `data:` prefix."""
    names: bool = False
    """`name` on messages."""
    user: str = ""
    session: str = ""
    prefill: str = ""
    """The member that makes a last assistant message a beginning to go on with."""
    bridge: bool = False
    """No user message may follow a tool's: an assistant's must stand between."""
    nine: bool = False
    """Ids of calls are nine letters and digits."""
    tags: bool = True
    """Thinking may come as tags within the words."""
    schemas: bool = True
    """A JSON schema may shape the answer; else its words stand in the prompt."""

    @property
    def zai(self) -> bool:
        """Z.AI and BigModel, whose dialect differs in more than a row can say."""
        return self.thinks == "zai"


_PLAIN = Way()
_OPEN_SAMPLERS = {**_PLAIN.samplers, "top_k": "top_k", "min_p": "min_p", "repeat": "repetition_penalty"}

_OPENAI = Way(
    thinks="openai",
    custom_tools=True,
    allowed_tools=True,
    strict=True,
    verbosity=True,
    refusals=True,
    middle=True,
    files=True,
    audio=True,
    names=True,
    user="safety_identifier",
    session="prompt_cache_key",
    tags=False,
)
_ZAI = Way(
    thinks="zai",
    replay="reasoning_content",
    samplers={"seed": "seed"},
    parallel=False,
    forced_tool=False,
    bare_images=True,
    user="user_id",
    schemas=False,
)

_ROWS: dict[str, Way] = {
    "openai": _OPENAI,
    "azure": replace(_OPENAI, user="user"),
    "zai": _ZAI,
    "bigmodel": _ZAI,
    "deepseek": Way(thinks="deepseek", replay="reasoning_content", tags=False, schemas=False),
    "moonshot": Way(
        thinks="moonshot", replay="reasoning_content", session="prompt_cache_key", prefill="partial", tags=False
    ),
    "mistral": Way(
        thinks="mistral",
        replay="parts",
        samplers={**_PLAIN.samplers, "seed": "random_seed", "logit_bias": ""},
        prefill="prefix",
        bridge=True,
        nine=True,
    ),
    "openrouter": Way(
        thinks="openrouter",
        replay="reasoning",
        details=True,
        samplers=_OPEN_SAMPLERS,
        strict=True,
        middle=True,
        files=True,
        audio=True,
        user="user",
    ),
    "gemini": Way(signs_calls=True, audio=True, tags=False),
    "groq": Way(thinks="groq"),
    "xai": Way(thinks="", strict=True, tags=False),
    "together_ai": Way(samplers=_OPEN_SAMPLERS),
    "hosted_vllm": Way(replay="reasoning_content", samplers=_OPEN_SAMPLERS, audio=True),
    "ollama": Way(replay="reasoning"),
    "lm_studio": Way(samplers=_OPEN_SAMPLERS),
}


def way(dialect: Dialect) -> Way:
    """The row of the provider that is asked."""
    return _ROWS.get(dialect.provider, _PLAIN)
