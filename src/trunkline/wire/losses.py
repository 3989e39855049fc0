"""The one table of what can get lost between formats: every name that `x-trunkline-lost` may carry, and its fate.

A member is named in the client's own words; what is no member (a picture, a tool of the provider's) has one name.
Besides these, a member that no row knows is named as the client wrote it. `docs/translation.md` shows this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from trunkline.model.wires import Wire

Fate = Literal["named", "refused", "silent"]
"""`named`: left out and told. `refused`: 400, unless `drop_params` has it left out and told. `silent`: left out without
a word, since it changes no answer."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One row. `name` is what it is called; `by_wire` where a client has another word for it."""

    name: str
    what: str
    fates: tuple[Fate, ...] = ("named",)
    by_wire: Mapping[Wire, str] = field(default_factory=dict)

    def said(self, wire: Wire) -> str:
        """The client's word."""
        return self.by_wire.get(wire, self.name)

    @property
    def names(self) -> frozenset[str]:
        """Every name under which it is reported."""
        return frozenset({self.name, *self.by_wire.values()})


_EITHER: tuple[Fate, ...] = ("named", "refused")
_REFUSED: tuple[Fate, ...] = ("refused",)
_SILENT: tuple[Fate, ...] = ("silent",)

MEMBERS: dict[str, Loss] = {
    "temperature": Loss("temperature", "how daring the choice of words is"),
    "top_p": Loss("top_p", "sampling from the likeliest share", by_wire={"gemini": "topP"}),
    "top_k": Loss("top_k", "sampling from the likeliest few", by_wire={"gemini": "topK"}),
    "min_p": Loss("min_p", "sampling above a share of the likeliest"),
    "seed": Loss("seed", "the same choice again"),
    "presence": Loss("presence_penalty", "a penalty on words that were said", by_wire={"gemini": "presencePenalty"}),
    "frequency": Loss(
        "frequency_penalty", "a penalty on words that were said often", by_wire={"gemini": "frequencyPenalty"}
    ),
    "repeat": Loss("repetition_penalty", "a penalty on repetition", by_wire={"ollama": "repeat_penalty"}),
    "logit_bias": Loss("logit_bias", "more or less of single tokens"),
    "logprobs": Loss(
        "logprobs",
        "log probabilities",
        by_wire={"openai_responses": "top_logprobs", "gemini": "responseLogprobs"},
    ),
    "count": Loss("n", "several answers at once", _REFUSED, {"gemini": "candidateCount"}),
    "stop": Loss("stop", "stop sequences", _EITHER, {"anthropic": "stop_sequences", "gemini": "stopSequences"}),
    "verbosity": Loss("verbosity", "how wordy the answer is", by_wire={"openai_responses": "text.verbosity"}),
    "thinking": Loss(
        "thinking",
        "thinking",
        by_wire={
            "openai_chat": "reasoning_effort",
            "openai_responses": "reasoning",
            "ollama": "think",
            "gemini": "thinkingConfig",
        },
    ),
    "effort": Loss(
        "output_config.effort",
        "how hard to think, where thinking itself is left to the model",
        by_wire={
            "openai_chat": "reasoning_effort",
            "openai_responses": "reasoning.effort",
            "ollama": "think",
            "gemini": "thinkingConfig",
        },
    ),
    "shape": Loss(
        "response_format",
        "a JSON schema for the answer, told in the prompt instead",
        by_wire={
            "anthropic": "output_config.format",
            "openai_responses": "text.format",
            "ollama": "format",
            "gemini": "responseSchema",
        },
    ),
    "tools": Loss("tools", "tools, of a model that calls none", _EITHER),
    "tool_choice": Loss("tool_choice", "a call that is demanded", by_wire={"gemini": "toolConfig"}),
    "parallel": Loss("parallel_tool_calls", "one call at a time", by_wire={"anthropic": "disable_parallel_tool_use"}),
    "strict": Loss("strict", "arguments or an answer held to their schema"),
    "name": Loss("name", "the name of a speaker"),
}
"""Members that several formats have, by the conversation's word for them."""

_KEPT = "kept by a vendor"

OWN: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss("previous_response_id", f"{_KEPT}: an answer to go on from", _REFUSED),
        Loss("conversation", f"{_KEPT}: a conversation to go on with", _REFUSED),
        Loss("prompt", f"{_KEPT}: a template", _REFUSED),
        Loss("background", "an answer that is fetched later", _REFUSED),
        Loss("cachedContent", f"{_KEPT}: content"),
        Loss("mcp_servers", "MCP servers that the vendor calls"),
        Loss("container", "a container to run code in"),
        Loss("modalities", "an answer in sound"),
        Loss("prediction", "words that the answer probably repeats"),
        Loss("max_tool_calls", "a limit on calls of the vendor's tools"),
        Loss("reasoning.context", "which earlier thinking is kept"),
        Loss("options", "options of Ollama's runner (`num_gpu`, `num_ctx`)"),
        Loss("safetySettings", "thresholds of Google's filters"),
        Loss("generationConfig.responseModalities", "an answer in pictures or sound"),
        Loss("generationConfig.speechConfig", "voices"),
        *(
            Loss(name, "billing, caching, storage or transport only", _SILENT)
            for name in (
                "anthropic_beta",
                "anthropic_version",
                "array",
                "cache_control",
                "client_metadata",
                "context_management",
                "diagnostics",
                "include",
                "inference_geo",
                "keep_alive",
                "labels",
                "metadata",
                "obfuscation",
                "prompt_cache_key",
                "prompt_cache_options",
                "prompt_cache_retention",
                "safety_identifier",
                "serviceTier",
                "service_tier",
                "speed",
                "store",
                "stream_options",
                "truncation",
                "user",
            )
        ),
    )
}
"""Members that one vendor alone has."""

_RUN = "the provider's own tool, not run by this one"
_PAST = "a call or a result of the provider's own tools, earlier in the conversation"

THINGS: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss("image", "a picture", _EITHER),
        Loss("document", "a file", _EITHER),
        Loss("audio", "sound", _EITHER),
        Loss("search_result", "a search result of the client's, whose text is kept"),
        Loss("tool_result", "a tool's result where no call is"),
        Loss("search_options", "which sites a search of the provider's may look at, from where and how often"),
        *(
            Loss(name, _RUN)
            for name in (
                "web_search",
                "web_fetch",
                "code_execution",
                "file_search",
                "image_generation",
                "computer",
                "mcp",
                "tool_search",
                "advisor",
                "shell",
                "apply_patch",
                "google_maps",
                "server_tool",
            )
        ),
        *(
            Loss(name, _PAST)
            for name in (
                "server_tool_use",
                "web_search_tool_result",
                "web_fetch_tool_result",
                "code_execution_tool_result",
                "bash_code_execution_tool_result",
                "text_editor_code_execution_tool_result",
                "tool_search_tool_result",
                "mcp_tool_use",
                "mcp_tool_result",
                "web_search_call",
                "file_search_call",
                "image_generation_call",
                "code_interpreter_call",
                "computer_call",
                "computer_call_output",
                "local_shell_call",
                "local_shell_call_output",
                "shell_call",
                "shell_call_output",
                "apply_patch_call",
                "apply_patch_call_output",
                "mcp_call",
                "mcp_list_tools",
                "mcp_approval_request",
                "mcp_approval_response",
            )
        ),
        Loss("container_upload", "a file in a vendor's container"),
        Loss("compaction", "a vendor's sealed summary of the conversation"),
        Loss("item_reference", "an item that the vendor keeps"),
        Loss("block", "a part of another kind"),
    )
}
"""What is no member: one name each, whoever asks. `server_tool` and `block` stand for kinds that no row knows."""

KINDS = {
    "code_interpreter": "code_execution",
    "local_shell": "shell",
    "computer_use": "computer",
    "computer_use_preview": "computer",
    "googleMaps": "google_maps",
    "googleSearchRetrieval": "web_search",
    "enterpriseWebSearch": "web_search",
    "computerUse": "computer",
    "fileSearch": "file_search",
    "tool_search_tool_bm25": "tool_search",
    "tool_search_tool_regex": "tool_search",
    "web_search_preview": "web_search",
}
"""A vendor's word for a kind of tool → the one that is reported."""
