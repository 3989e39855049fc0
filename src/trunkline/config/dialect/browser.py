"""A gateway for pages: LiteLLM's YAML with settings in a `litellm_params` at its top, and `default_provider_configs`.

    litellm_params:                     becomes
      master_key                        general_settings.master_key
      api_key                           trunkline.client_key: it asks models, and administers nothing
      database_url                      general_settings.database_url
      health_check_interval             general_settings.health_check_interval
      cors_origins                      trunkline.cors_origins
      connection_timeout                trunkline.limits.connect
      read_timeout                      trunkline.limits.first_byte and .idle
      custom_headers                    extra_headers of every model
    general_settings:
      default_provider_configs: {<provider>: …}
        requests_per_minute             trunkline.provider_limits.<provider>.rpm
        retry_delay                     trunkline.provider_limits.<provider>.retry_delay
        max_retries, timeout,           the same of every model with that prefix
        api_base, api_key

What is written in the native place counts before what stands in one of these. Such gateways check their providers in
the background, look through every conversation, and name errors in capitals: so it is here, unless the file says
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import at_host, find, split
from trunkline.config.deploy import vendor_of
from trunkline.config.refuse import nearest
from trunkline.config.section import Reading, Section
from trunkline.config.yaml_lines import Listed, Mapped

NAME = "browser"

_HERE = "litellm_params"
_CONFIGS = "default_provider_configs"
_OWN = frozenset(
    {
        "api_key",
        "master_key",
        "database_url",
        "cors_origins",
        "custom_headers",
        "health_check_interval",
        "connection_timeout",
        "read_timeout",
    }
)
_OF_MODELS = ("max_retries", "timeout", "api_base", "api_key")
_PER_PROVIDER = frozenset({"requests_per_minute", "retry_delay", *_OF_MODELS})
_ACCEPTED = frozenset({"response_format", "api_version", "stream_format", "error_format"})
"""What such files say of formats: a client is answered in the format that it asks in."""


def matches(top: Mapped) -> bool:
    """A `litellm_params` at the top is no model's where it names no model and has one of these settings."""
    own, general = top.get(_HERE), top.get("general_settings")
    if isinstance(general, Mapping) and isinstance(general.get(_CONFIGS), Mapping):
        return True
    return isinstance(own, Mapping) and "model" not in own and not _OWN.isdisjoint(own)


def translate(reading: Reading, top: Mapped) -> Mapped:
    """The same in LiteLLM's shape. References stay as they are written: the native reader resolves them."""
    made = _copy(top)
    found, configs = top.get(_HERE), None
    own = found if isinstance(found, Mapped) else Mapped(top.line)
    made.pop(_HERE, None)
    general, ours = _below(made, "general_settings"), _below(made, "trunkline")
    if isinstance(general.get(_CONFIGS), Mapped):
        configs = general.pop(_CONFIGS)
    _tell(reading, own, general)
    _tell_twice(reading, own, general)
    for key in ("master_key", "database_url", "health_check_interval"):
        _move(own, key, general, key)
    _move(own, "cors_origins", ours, "cors_origins")
    _move(own, "api_key", ours, "client_key")
    limits = _below(ours, "limits") if {"connection_timeout", "read_timeout"} & own.keys() else Mapped()
    _move(own, "connection_timeout", limits, "connect")
    _move(own, "read_timeout", limits, "first_byte")
    _move(own, "read_timeout", limits, "idle")
    general.setdefault("background_health_checks", True)
    ours.setdefault("error_codes", "upper")
    ours.setdefault("validate", "always")
    if own.get("custom_headers"):
        _head(reading, made, own)
    if configs is not None:
        _limit(reading, made, ours, configs)
    return made


def _tell(reading: Reading, own: Mapped, general: Mapped) -> None:
    """Names what has no effect, and takes it out."""
    for key in own:
        if key not in _OWN | _ACCEPTED:
            near = nearest(key, _OWN)
            remedy = f"Did you mean `{near}`?" if near else "Put what is a model's into `model_list`."
            reading.warn(own.line_of(key), f"`{key}` has no effect under a `{_HERE}` of its own.", remedy, "unknown")
    for section in (own, general):
        for key in sorted(_ACCEPTED & section.keys()):
            if section.pop(key) not in (None, ""):
                message = f"`{key}` changes nothing here: a client is answered in the format that it asks in."
                reading.warn(section.line_of(key), message, "It can stay.", "note")


def _tell_twice(reading: Reading, own: Mapped, general: Mapped) -> None:
    for key in ("master_key", "database_url"):
        if own.get(key) is not None and general.get(key) not in (None, own[key]):
            message = f"`{key}` stands twice; the one of line {general.line_of(key)} counts."
            reading.warn(own.line_of(key), message, "Remove one of them.")


def _head(reading: Reading, made: Mapped, own: Mapped) -> None:
    """`custom_headers`: each model sends them, less those that it sets itself."""
    headers, line = own["custom_headers"], own.line_of("custom_headers")
    if not isinstance(headers, Mapped):
        raise reading.refuse(line, "`custom_headers` must be a mapping (`Name: value` lines).", "Correct its value.")
    for params in _models(made):
        key = "headers" if "headers" in params and "extra_headers" not in params else "extra_headers"
        said = params.get(key)
        if said is not None and not isinstance(said, Mapped):
            continue  # refused with its own line, when the model is read
        mine = {name.lower() for name in said or ()}
        both = Mapped(line) if said is None else _copy(said)
        for name, value in headers.items():
            if name.lower() not in mine:
                _put(both, name, value, headers.line_of(name))
        _put(params, key, both, params.line_of(key) if said is not None else line)


def _limit(reading: Reading, made: Mapped, ours: Mapped, configs: Mapped) -> None:
    """`default_provider_configs`: limits of a provider, and what its models take where they say nothing."""
    for name in configs:
        provider, line = find(name), configs.line_of(name)
        said = Section(reading, configs, _CONFIGS).mapping(name)
        if provider is None:
            near = nearest(name, ("z-ai", "openai", "anthropic", "gemini", "ollama", "openrouter", "deepseek"))
            remedy = f"Did you mean `{near}`?" if near else "Write the prefix that its models have."
            raise reading.refuse(line, f"`{_CONFIGS}` names {name!r}, which is no provider.", remedy)
        if said is None:
            continue
        for key in said.data:
            if key not in _PER_PROVIDER:
                remedy = f"These are: {', '.join(sorted(_PER_PROVIDER))}."
                reading.warn(said.line(key), f"`{key}` has no effect under `{_CONFIGS}`.", remedy, "unknown")
        data = configs[name]
        theirs = [params for params in _models(made) if _is_of(reading, params, provider)]
        for params in theirs:
            for key in _OF_MODELS:
                other = {"max_retries": "num_retries", "api_base": "base_url"}.get(key, key)
                if other not in params:
                    _move(data, key, params, key)
        for row in dict.fromkeys([_row(reading, params, provider).name for params in theirs] or [provider.name]):
            if {"requests_per_minute", "retry_delay"} & data.keys():
                rates = _below(_below(ours, "provider_limits"), row)
                _move(data, "requests_per_minute", rates, "rpm")
                _move(data, "retry_delay", rates, "retry_delay")


def _is_of(reading: Reading, params: Mapped, provider: Provider) -> bool:
    """Whether a model's prefix, or a bare name's vendor, is that provider."""
    model = params.get("model")
    told = reading.expand(model, params.line_of("model"))[0] if isinstance(model, str) else None
    named = split(told) if told else None
    return (named[0] if named else vendor_of(told or "")) is provider


def _row(reading: Reading, params: Mapped, provider: Provider) -> Provider:
    """Under whose name a model's calls are counted: `z-ai/…` on a host of BigModel's is BigModel."""
    base = params.get("api_base", params.get("base_url"))
    where = reading.expand(base, params.line_of("api_base"))[0] if isinstance(base, str) else None
    try:
        return (at_host(where) if where else None) or provider
    except ValueError:  # no URL, which is refused when the model is read
        return provider


def _models(made: Mapped) -> Iterator[Mapped]:
    """The `litellm_params` of each model, as copies that stand in the new document."""
    models = made.get("model_list")
    for entry in models if isinstance(models, list) else ():
        if isinstance(entry, Mapped) and isinstance(entry.get(_HERE), Mapped):
            yield entry[_HERE]


def _copy(source: Mapped) -> Mapped:
    """A mapping that can be changed without changing what was read; so are those below it, and its models."""
    copy = Mapped(source.line)
    copy.update({key: _copied(value) for key, value in source.items()})
    copy.lines, copy.texts, copy.origins = dict(source.lines), dict(source.texts), dict(source.origins)
    return copy


def _copied(value: Any) -> Any:
    if isinstance(value, Mapped):
        return _copy(value)
    if isinstance(value, Listed):
        copy = Listed(value.line)
        copy.extend(_copied(each) for each in value)
        copy.lines, copy.texts = list(value.lines), list(value.texts)
        return copy
    return value


def _below(made: Mapped, name: str) -> Mapped:
    """A section of the new document, made where there is none. One that is no mapping is refused when it is read."""
    found = made.get(name)
    if isinstance(found, Mapped):
        return found
    section = Mapped(made.line_of(name))
    if found is None or found == []:
        _put(made, name, section, made.line_of(name))
    return section


def _move(source: Mapped, key: str, target: Mapped, name: str) -> None:
    """Writes a setting in its native place, where nothing stands there yet."""
    if source.get(key) is None or target.get(name) is not None:
        return
    _put(target, name, source[key], source.line_of(key))
    if key in source.texts:
        target.texts[name] = source.texts[key]


def _put(target: Mapped, key: str, value: Any, line: int) -> None:
    target[key] = value
    target.lines[key] = line
