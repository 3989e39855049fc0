"""What people set on the module: `trunkline.drop_params = True`, `litellm.set_verbose = True`. One for the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Settings:
    """Each is what a call gets where it says nothing itself."""

    api_key: str | None = None
    api_base: str | None = None
    drop_params: bool = False
    """Members that a provider does not take are left out, instead of refused."""
    num_retries: int | None = None
    request_timeout: float | None = None
    """Seconds until the first token, or the whole answer."""
    fallbacks: list[Any] | None = None
    default_fallbacks: list[Any] | None = None
    context_window_fallbacks: list[Any] | None = None
    content_policy_fallbacks: list[Any] | None = None
    cache: Any = None
    """A `Cache`; None keeps no answers."""
    headers: dict[str, str] | None = None
    """Sent with every request."""
    set_verbose: bool = False
    callbacks: list[Any] = field(default_factory=list)
    success_callback: list[Any] = field(default_factory=list)
    failure_callback: list[Any] = field(default_factory=list)
    input_callback: list[Callable[..., Any]] = field(default_factory=list)
    ledger: bool | str | Path = False
    """True: state and ledger are in `TRUNKLINE_HOME`, shared with the gateway of this machine; a path: there. False:
    nothing is written to the disk. The variable `TRUNKLINE_LEDGER` (1, or a path) says the same."""
    config: str | Path | None = None
    """A configuration of any shape that the gateway reads; None: `CONFIG_FILE_PATH`, else `model_providers.yaml`."""
    max_budget: float | None = None
    """Dollars that this process may spend."""
    use_litellm_proxy: bool = False
    """Everything is asked of the gateway at `LITELLM_PROXY_URL`; `USE_LITELLM_PROXY=True` says the same."""
    openai_key: str | None = None
    anthropic_key: str | None = None
    zai_key: str | None = None
    gemini_key: str | None = None
    groq_key: str | None = None
    openrouter_key: str | None = None
    deepseek_key: str | None = None


SETTINGS = Settings()
NAMES = frozenset(each.name for each in fields(Settings))

NO_EFFECT: dict[str, Any] = {
    "telemetry": False,
    "suppress_debug_info": False,
    "modify_params": False,
    "turn_off_message_logging": False,
    "disable_streaming_logging": False,
    "drop_unknown_params": False,
    "return_response_headers": True,
    "aclient_session": None,
    "client_session": None,
    "disable_end_user_cost_tracking": False,
    "local_model_cost_map": True,
}
"""LiteLLM's settings with nothing here that they could change, and what they read as where nobody set them."""
