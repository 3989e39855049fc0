"""`Router`: several deployments under one name, fallbacks, limits and strategies, as LiteLLM's class of that name.

What it takes are the words of a configuration (`model_list`, `router_settings`), and the gateway's own code reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trunkline.config.keys import ROUTER
from trunkline.exceptions import BadRequestError, UnsupportedParamsError
from trunkline.sdk import calls
from trunkline.sdk.cache import Cache
from trunkline.sdk.perform import router_room
from trunkline.sdk.responses import EmbeddingResponse
from trunkline.sdk.settings import SETTINGS
from trunkline.sdk.verbose import turn_on_debug


class Router:
    """`Router(model_list=[{"model_name": …, "litellm_params": {…}}], fallbacks=[{"a": ["b"]}], num_retries=2)`.

    Calls of one process share their limits and rests, whichever router they come through. Raises `BadRequestError` for
    a list that cannot be run, `UnsupportedParamsError` for a setting of LiteLLM's that is not had here.
    """

    def __init__(
        self,
        model_list: Sequence[Mapping[str, Any]] | None = None,
        *,
        default_litellm_params: Mapping[str, Any] | None = None,
        cache_responses: bool = False,
        cache_kwargs: Mapping[str, Any] | None = None,
        set_verbose: bool = False,
        **settings: Any,
    ) -> None:
        if not model_list:
            raise BadRequestError("A Router needs a `model_list` with at least one model.", param="model_list")
        said = {name: _data(value) for name, value in settings.items() if value not in (None, [], {})}
        for name in [name for name in said if ROUTER.get(name) not in ("used", "moot")]:
            if said.pop(name) is not False:
                raise UnsupportedParamsError(
                    f"Trunkline's Router does not have `{name}`. Leave it out; docs/python.md lists what it has.",
                    param=name,
                )
        if set_verbose:
            turn_on_debug()
        self.model_list = [_entry(each, default_litellm_params or {}) for each in model_list]
        cache = Cache(**dict(cache_kwargs or {})) if cache_responses else None
        self._room = router_room({"model_list": self.model_list, "router_settings": said}, SETTINGS, cache=cache)

    @property
    def model_names(self) -> set[str]:
        """What can be asked for."""
        return {each["model_name"] for each in self.model_list}

    def get_model_names(self) -> list[str]:
        """What can be asked for, in the order of the list."""
        return list(dict.fromkeys(each["model_name"] for each in self.model_list))

    def get_model_list(self, model_name: str | None = None) -> list[dict[str, Any]]:
        """The entries, or those of one name."""
        return [each for each in self.model_list if model_name in (None, each["model_name"])]

    def completion(self, model: str | None = None, messages: Sequence[Any] | None = None, **arguments: Any) -> Any:
        """`trunkline.completion`, asked of the router's deployments."""
        return calls.completion(model, messages, _room=self._room, **arguments)

    async def acompletion(
        self, model: str | None = None, messages: Sequence[Any] | None = None, **arguments: Any
    ) -> Any:
        """`trunkline.acompletion`, asked of the router's deployments."""
        return await calls.acompletion(model, messages, _room=self._room, **arguments)

    def embedding(self, model: str | None = None, input: Any = None, **arguments: Any) -> EmbeddingResponse:
        """`trunkline.embedding`, asked of the router's deployments."""
        return calls.embedding(model, input, _room=self._room, **arguments)

    async def aembedding(self, model: str | None = None, input: Any = None, **arguments: Any) -> EmbeddingResponse:
        """`trunkline.aembedding`, asked of the router's deployments."""
        return await calls.aembedding(model, input, _room=self._room, **arguments)


def _entry(entry: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    made = {name: _data(value) for name, value in dict(entry).items()}
    made["litellm_params"] = {**defaults, **dict(made.get("litellm_params") or {})}
    return made


def _data(value: Any) -> Any:
    """LiteLLM's `RetryPolicy` and its like, as the mapping that they are, in a mapping as well."""
    if isinstance(value, Mapping):
        return {name: _data(each) for name, each in value.items()}
    dump = getattr(value, "model_dump", None)
    return dump(exclude_none=True) if callable(dump) else value
