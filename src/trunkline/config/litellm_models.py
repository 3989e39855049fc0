"""LiteLLM's `model_list`: each entry becomes one deployment, or is refused with its line. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trunkline.config.allowances import allowance
from trunkline.config.credentials import Credentials
from trunkline.config.deploy import Site, begins_a_vendors, identity, site, told, whose
from trunkline.config.found import any_model
from trunkline.config.keys import INFO, MODEL
from trunkline.config.keys_params import KNOWN, REQUEST
from trunkline.config.litellm_params import check_params, headers_of, members, plain, price_of, sdk_arguments
from trunkline.config.mend import leaves, moved
from trunkline.config.refuse import nearest
from trunkline.config.schema import Deployment, Door
from trunkline.config.section import Reading, Section
from trunkline.config.yaml_lines import Listed
from trunkline.errors import ConfigInvalid
from trunkline.model.wires import Wire


def read_models(reading: Reading, entries: Any, line: int, credentials: Credentials | None = None) -> list[Deployment]:
    """The deployments of a `model_list`, in its order."""
    known = credentials or Credentials(reading)
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise reading.refuse(line, "`model_list` must be a list.", "Begin each model with `- model_name:`.")
    lines = entries.lines if isinstance(entries, Listed) else [line] * len(entries)
    made: list[tuple[int, Deployment]] = []
    for number, (entry, at) in enumerate(zip(entries, lines, strict=True)):
        if not isinstance(entry, Mapping):
            raise reading.refuse(at, "an entry of `model_list` must be a mapping.", "Begin it with `- model_name:`.")
        found = _entry(reading, Section(reading, entry, "this model", at), known)
        made += [(number, each) for each in found]
    return _told_apart(reading, made, entries)


def _entry(reading: Reading, entry: Section, credentials: Credentials) -> list[Deployment]:
    group = entry.text("model_name")
    if not group:
        remedy = "Add the name that clients ask for, for example `model_name: glm-5.3`."
        raise reading.refuse(entry.at, "this model has no `model_name`.", remedy)
    _check_entry(reading, entry)
    params = entry.mapping("litellm_params")
    params = credentials.given_to(params) if params else None
    model = params.text("model") if params else ""
    if params is None or not model:
        line = entry.line("litellm_params")
        remedy = "Add `model: <provider>/<model>` under its `litellm_params`, for example `model: zai/glm-5.3`."
        raise reading.refuse(line, f"`{group}` has no `model`.", remedy)
    given = params.text("custom_llm_provider")
    prefix = given or model.partition("/")[0]
    if prefix in reading.ignore:
        reading.warn(params.line("model"), f"`{group}` is left out, as `--ignore {prefix}` asks.", kind="note")
        return []
    if model == "*" and not given and not params.text("api_base"):
        check_params(reading, params)
        return any_model(reading.environment, group, reading.where(entry.at))
    made = _deployment(reading, group, model, entry, params)
    return [made, *_claude_beside(made)]


def _claude_beside(made: Deployment) -> list[Deployment]:
    """Beside `zai/*`, the same for Claude's names only, which Z.AI knows at its Anthropic endpoint alone."""
    if not made.provider.variants or made.model != "*" or not made.group.endswith("*") or "anthropic" not in made.doors:
        return []
    only: dict[Wire, Door] = {"anthropic": made.doors["anthropic"]}
    beside = f"{made.group[:-1]}claude-*"
    return [replace(made, id=f"{made.id}-claude" if made.id else "", group=beside, model="claude-*", doors=only)]


def _whole_name(reading: Reading, group: str, name: str, line: int) -> str:
    """`claude-*` → `zai/*`: LiteLLM would send what the `*` stood for (`opus-4`), a name that nobody has."""
    beginning = group.partition("*")[0]
    if name != "*" or not beginning or "/" in beginning or group.count("*") != 1 or not begins_a_vendors(beginning):
        return name
    remedy = f"Write `<provider>/{beginning}*` to say the same to LiteLLM."
    reading.warn(line, f"`{group}` is passed on as the whole name that was asked for.", remedy, "note")
    return f"{beginning}*"


def _deployment(reading: Reading, group: str, model: str, entry: Section, params: Section) -> Deployment:
    where = reading.where(params.line("model"))
    base_key = "api_base" if "api_base" in params.data else "base_url"
    api_base = params.text(base_key)
    provider, name = whose(model, params.text("custom_llm_provider"), api_base, where)
    # LiteLLM's way of saying that a model is to be asked by Responses: `openai/responses/gpt-5`.
    by_responses = name.startswith("responses/") and "openai_responses" in provider.endpoints
    name = name.removeprefix("responses/") if by_responses else name
    name = _whole_name(reading, group, name, params.line("model"))
    plan, region = params.choice("plan", ("coding", "payg")), params.choice("region", ("intl", "cn"))
    here = site(
        provider,
        name,
        reading.environment,
        where=reading.where(params.line(base_key if api_base else "api_key")),
        api_base=api_base,
        key=params.written("api_key"),
        plan=plan,  # type: ignore[arg-type]
        region=region or "intl",  # type: ignore[arg-type]
    )
    key_where = _tell_key(reading, here, params, group)
    info = entry.mapping("model_info")
    information = reading.deep(info.data, info.at) if info else {}
    named = params.text("organization")
    sdk = here.provider.embedded == "litellm"
    return Deployment(
        id=str(information.get("id") or ""),
        group=group,
        provider=here.provider,
        model=told(here.provider, name),
        doors={wire: door for wire, door in here.doors.items() if not by_responses or wire == "openai_responses"},
        api_base=api_base,
        key=here.found.key,
        key_missing=here.found.missing,
        key_where=key_where,
        params=members(reading, params, sdk=sdk),
        sdk=sdk_arguments(reading, params) if sdk else {},
        extra_body=plain(reading, params, "extra_body"),
        headers=headers_of(reading, params) + ((("OpenAI-Organization", named),) if named else ()),
        drop=params.words("additional_drop_params"),
        api_version=params.text("api_version"),
        plan=plan,  # type: ignore[arg-type]
        region=region or "intl",  # type: ignore[arg-type]
        timeout=params.seconds("timeout"),
        stream_timeout=params.seconds("stream_timeout"),
        weight=params.number("weight"),
        order=int(_or(params.integer("order"), 0)),
        rpm=_limit("rpm", params, entry, info),
        tpm=_limit("tpm", params, entry, info),
        max_parallel=params.integer("max_parallel_requests", least=1),
        max_retries=_first(params.integer("num_retries"), params.integer("max_retries")),
        drop_params=params.flag("drop_params"),
        cooldown_time=params.number("cooldown_time"),
        tags=params.words("tags"),
        allowance=allowance(params, "max_budget", "budget_duration"),
        price=price_of(here.provider, name, params, info, where),
        access=info.words("access_groups") if info else (),
        info=information,
        elsewhere=here.elsewhere,
        where=reading.where(entry.at),
    )


def _check_entry(reading: Reading, entry: Section) -> None:
    for key in entry.data:
        line = entry.line(key)
        if key in MODEL:
            if MODEL[key] == "later":
                message = f"`{key}` is read, but this version does not act on it."
                reading.warn(line, message, "It can stay for a later one.", "unsupported")
            elif MODEL[key] == "unsupported":
                message = f"`{key}` of a model is LiteLLM's; Trunkline does not have it."
                reading.warn(line, message, "Remove it.", "unsupported", leaves(entry.data, key))
        elif key in KNOWN and (key not in INFO or key in REQUEST):
            remedy = "Indent it below `litellm_params:`."
            mend = moved(entry.data, key, "litellm_params", beside=entry.data)
            reading.warn(line, f"`{key}` has no effect beside `litellm_params`.", remedy, "misplaced", mend)
        elif key in INFO:
            mend = moved(entry.data, key, "model_info", beside=entry.data)
            message = f"`{key}` has no effect beside `litellm_params`."
            reading.warn(line, message, "Indent it below `model_info:`.", "misplaced", mend)
        else:
            entry.stray(key, "of a model is unknown.", nearest(key, MODEL))


def _tell_key(reading: Reading, here: Site, params: Section, group: str) -> str:
    """Warns of a key that is missing; returns the place it named."""
    line = params.line("api_key" if params.data.get("api_key") else "model")
    if here.found.missing:
        what, _, remedy = here.found.missing.partition(". ")
        reading.warn(line, f"{what}.", remedy, "key")
    if here.borrowed:
        message = f"`{group}` has no `api_key`, so the key from {here.borrowed} is sent to its `api_base`."
        reading.warn(params.line("model"), message, "Give it an `api_key` if that is not meant.", "note")
    return reading.where(line) if here.found.missing else ""


def _limit(key: str, params: Section, entry: Section, info: Section | None) -> int | None:
    """LiteLLM reads `rpm` and `tpm` in three places; the innermost wins."""
    return _first(params.integer(key), entry.integer(key), info.integer(key) if info else None)


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _told_apart(reading: Reading, made: list[tuple[int, Deployment]], entries: list[Any]) -> list[Deployment]:
    """Gives every deployment its id, and names those that say the same twice. Each comes with its entry's number."""
    seen: dict[str, Deployment] = {}
    done: list[Deployment] = []
    for number, each in made:
        bases = sorted(door.base for door in each.doors.values())
        source = each.key.source.split(":")[0] if each.key else ""
        own = each.id or identity(each.group, each.provider.name, each.model, bases, source, each.api_version)
        if own in seen:
            first = seen[own].where
            if each.id:
                message = f"the id {each.id!r} of `model_info` stands twice, first at {first}."
                raise ConfigInvalid(f"{each.where}: {message}", remedy="Give each deployment an id of its own.")
            if _same(seen[own], each):
                message = f"`{each.group}` repeats the deployment at {first}: it only doubles that one's weight."
                remedy = "Remove it, or give it another key."
                reading.warn(0, message, remedy, "value", leaves(entries, number), where=each.where)
            own = identity(own, len(done))
        seen[own] = each
        done.append(replace(each, id=own))
    return done


def _same(one: Deployment, other: Deployment) -> bool:
    values = [
        (each.key.value if each.key else None, dict(each.params), dict(each.sdk), each.headers) for each in (one, other)
    ]
    return values[0] == values[1]
