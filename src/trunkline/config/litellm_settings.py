"""LiteLLM's sections of settings, and `trunkline:`, read into the schema; what does nothing is named. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Literal, get_args

from trunkline.catalog.providers import find
from trunkline.config.allowances import allowances
from trunkline.config.mend import leaves, replaced
from trunkline.config.refuse import nearest
from trunkline.config.schema import Allowances, Extras, Limits, LoopGuard, Rates, Routing, Secret
from trunkline.config.secrets import clean, fault
from trunkline.config.section import Reading, Section
from trunkline.errors import Kind
from trunkline.model.usage import NANO

MEGABYTE = 1024 * 1024
SERVED = ("prometheus",)
"""Callbacks that mean something here: the page `/metrics`, which is always there."""
HEALTH_EVERY = 30.0
"""Seconds. LiteLLM's 300 are long because its checks are paid completions; a list of models costs nothing."""
STRATEGIES = (
    "simple-shuffle",
    "least-busy",
    "latency-based-routing",
    "usage-based-routing",
    "usage-based-routing-v2",
    "cost-based-routing",
)
"""LiteLLM's `routing_strategy`; the first is the default."""
BUDGETED = "provider-budget-routing"
"""LiteLLM's name for the default with `provider_budget_config`; here budgets count under any strategy."""
ERRORS = (
    "BadRequestError",
    "AuthenticationError",
    "TimeoutError",
    "RateLimitError",
    "ContentPolicyViolationError",
    "InternalServerError",
    "ServiceUnavailableError",
    "NotFoundError",
)
"""LiteLLM's sorts of errors in `retry_policy` and `allowed_fails_policy` (its 1.110.2, litellm/types/router.py)."""
_OTHERS = {"Retries": "Default", "AllowedFails": "BadGatewayError"}
"""Those that only one of the two has."""
KINDS: tuple[Kind, ...] = get_args(Kind)
MASTER_VARIABLE = "LITELLM_MASTER_KEY"


class Settings:
    """The four sections of one configuration, each empty where the file has none."""

    def __init__(self, reading: Reading, top: Mapping[str, Any]) -> None:
        self.reading = reading
        self.top = Section(reading, top, "the file")
        self.general = self._section("general_settings")
        self.litellm = self._section("litellm_settings")
        self.router = self._section("router_settings")
        self.trunkline = self._section("trunkline")

    def _section(self, name: str) -> Section:
        return self.top.mapping(name) or Section(self.reading, {}, name, self.top.line(name))

    def either(self, key: str) -> Section:
        """The section that says it: `router_settings` first, as in LiteLLM, else `litellm_settings`."""
        return self.router if self.router.data.get(key) is not None else self.litellm

    def master_key(self) -> Secret | None:
        """The gateway's own key, or None; raises where one was meant and none is there."""
        if "master_key" in self.general.data:
            return self._key(self.general, "master_key")
        given = self.reading.environment.get(MASTER_VARIABLE, "")
        if not given.strip():
            return None
        called = self.reading.environment.called(MASTER_VARIABLE)
        if wrong := fault(given):
            remedy = f"Put a key of your own into {MASTER_VARIABLE}, or unset it."
            raise self.reading.refuse(0, f"the master key in {called} {wrong}.", remedy)
        return self._sound(Secret(clean(given), MASTER_VARIABLE), 0)

    def client_key(self) -> Secret | None:
        """The key of those who may only ask models, or None; raises where one was meant and none is there."""
        return self._key(self.trunkline, "client_key") if "client_key" in self.trunkline.data else None

    def _key(self, section: Section, name: str) -> Secret:
        line = section.line(name)
        value, variable = section.written(name)
        unset = bool(variable) and variable not in self.reading.environment and not value
        wrong = "refers to a variable that is not set" if unset else fault(value)
        if isinstance(section.data[name], bool):
            wrong = f"is {value.lower()}, which is no key"
        if wrong:
            named = f" ({self.reading.environment.called(variable)})" if variable else ""
            remedy = "Put a key of your own there, for example from `openssl rand -hex 24`, or remove the line."
            raise self.reading.refuse(line, f"`{name}`{named} {wrong}.", remedy)
        return self._sound(Secret(clean(value), variable or f"{self.reading.where(line)} {name}"), line)

    def _sound(self, key: Secret, line: int) -> Secret:
        if any(sign.isspace() or not sign.isprintable() for sign in key.value):
            what = f"the key from {key.source} holds blanks, which no header can carry."
            raise self.reading.refuse(line, what, "Remove them.")
        return key

    def key_rules(self, key: str) -> Mapping[str, Any]:
        """What is said of new keys, in the fields of `/key/generate`."""
        said = self.litellm.mapping(key)
        rules: Mapping[str, Any] = self.reading.deep(said.data, said.at) if said else {}
        return rules

    def provider_limits(self) -> Mapping[str, Rates]:
        """`trunkline.provider_limits`: provider → what all callers together may ask of it."""
        said = self.trunkline.mapping("provider_limits")
        found: dict[str, Rates] = {}
        for name in said.data if said else ():
            assert said is not None
            limits = said.mapping(name)
            if limits is None or find(name) is None:
                what = f"`provider_limits` names {name!r}, which is no provider with limits."
                remedy = "Write it as\n  zai: {rpm: 60, tpm: 100000, parallel: 4}"
                raise self.reading.refuse(said.line(name), what, remedy)
            for key in limits.data:
                if key not in ("rpm", "tpm", "parallel", "retry_delay"):
                    remedy = "These are: rpm, tpm, parallel, retry_delay."
                    raise self.reading.refuse(limits.line(key), f"`{key}` is no limit of a provider.", remedy)
            found[name] = Rates(
                **{key: limits.integer(key, least=1) for key in ("rpm", "tpm", "parallel")},
                retry_delay=limits.seconds("retry_delay"),
            )
        return found

    def callbacks(self) -> tuple[str, ...]:
        """All names of callbacks, each once; one that is not known here is a warning."""
        found: dict[str, int] = {}
        for key in ("callbacks", "success_callback", "failure_callback"):
            names = self.litellm.words(key)
            mend = replaced(self.litellm.data, key, [name for name in names if name in SERVED])
            for name in names:
                if name not in SERVED and name not in found:
                    message = f"the callback `{name}` does nothing in this version."
                    remedy = "Remove it, or read the log and the ledger instead."
                    self.reading.warn(self.litellm.line(key), message, remedy, "unsupported", mend)
                found.setdefault(name, self.litellm.line(key))
        return tuple(found)

    def health_every(self) -> float | None:
        """Seconds between two background checks; None where they are off, as they are by default."""
        every = self.general.seconds("health_check_interval")
        return (every or HEALTH_EVERY) if self.general.flag("background_health_checks") else None

    def limits(self) -> Limits:
        """The bounds: `general_settings` in LiteLLM's words, `trunkline.limits` in ours, which win."""
        said: dict[str, Any] = {}
        for ours, theirs in (("body", "max_request_size_mb"), ("answer", "max_response_size_mb")):
            if (size := self.general.number(theirs)) is not None:
                said[ours] = max(1, int(size * MEGABYTE))
        said["streams"] = self.general.integer("global_max_parallel_requests", least=1)
        said["ping_after"] = self.trunkline.seconds("ping_after")
        own = self.trunkline.mapping("limits")
        for each in fields(Limits):
            if own is None or own.data.get(each.name) is None:
                continue
            whole = each.name in ("body", "headers", "answer", "streams")
            said[each.name] = own.integer(each.name, least=1) if whole else own.seconds(each.name)
        return Limits(**{name: value for name, value in said.items() if value is not None})

    def routing(self) -> Routing:
        """What is said of routes; chains are read by `chains`."""
        either = self.either
        fails = self.router.mapping("allowed_fails_policy")
        arguments = self.router.mapping("routing_strategy_args")
        for key in arguments.data if arguments else ():
            assert arguments is not None
            if key != "lowest_latency_buffer":
                message = f"`{key}` of routing_strategy_args changes nothing here."
                mend = leaves(arguments.data, key)
                self.reading.warn(arguments.line(key), message, "It can stay.", "note", mend)
        return Routing(
            strategy=self._strategy(),
            strategy_args=self.reading.deep(arguments.data, arguments.at) if arguments else {},
            context_window_fallbacks=self._chains("context_window_fallbacks"),
            content_policy_fallbacks=self._chains("content_policy_fallbacks"),
            max_fallbacks=either("max_fallbacks").integer("max_fallbacks"),
            retry_policy=self._policy(either("retry_policy").mapping("retry_policy"), "Retries"),
            group_retry_policy=self._group_policies(),
            retry_after=either("retry_after").number("retry_after"),
            allowed_fails=either("allowed_fails").integer("allowed_fails"),
            allowed_fails_policy=self._policy(fails, "AllowedFails"),
            cooldown_time=either("cooldown_time").number("cooldown_time"),
            disable_cooldowns=bool(self.router.flag("disable_cooldowns")),
            no_fallback_on=self._no_fallback_on(),
        )

    def _no_fallback_on(self) -> tuple[Kind, ...]:
        """`trunkline.no_fallback_on`; a word that is no kind of failure is a warning."""
        words = self.trunkline.words("no_fallback_on")
        for word in words:
            if word not in KINDS:
                message = f"`{word}` of no_fallback_on is no kind of failure."
                line = self.trunkline.line("no_fallback_on")
                self.reading.warn(line, message, _meant(nearest(word, KINDS)), "unknown")
        return tuple(kind for kind in KINDS if kind in words)

    def port(self) -> int | None:
        """What is listened on where nobody says otherwise."""
        port = self.trunkline.integer("port", least=1)
        if port is not None and port > 65535:
            raise self.trunkline.wrong("port", "a port, 1 to 65535")
        return port

    def _strategy(self) -> str:
        """The strategy's name; one that is not known is a warning, and the default is used."""
        told = self.router.text("routing_strategy")
        if told == BUDGETED:
            told = STRATEGIES[0]
        if not told or told in STRATEGIES:
            return told or STRATEGIES[0]
        near = nearest(told, STRATEGIES)
        message = f"no routing strategy is called `{told}`, so it is `{STRATEGIES[0]}`."
        mend = replaced(self.router.data, "routing_strategy", near)
        self.reading.warn(self.router.line("routing_strategy"), message, _meant(near), "value", mend)
        return STRATEGIES[0]

    def _policy(self, section: Section | None, ending: str) -> dict[str, int]:
        """A policy's numbers by LiteLLM's names of errors; a name that is none of them is a warning."""
        counts = _counts(section)
        for name in counts:
            assert section is not None
            if name not in (known := [f"{error}{ending}" for error in (*ERRORS, _OTHERS[ending])]):
                section.stray(name, f"of {section.title} is no sort of error.", nearest(name, known))
        return counts

    def _group_policies(self) -> dict[str, dict[str, int]]:
        section = self.router.mapping("model_group_retry_policy")
        if section is None:
            return {}
        return {name: self._policy(section.mapping(name), "Retries") for name in section.data}

    def _chains(self, key: str) -> Mapping[str, tuple[str, ...]]:
        return dict(read_chains(self.either(key), key))

    def allowances(self) -> Allowances:
        """The budgets that it sets, but those of deployments."""
        return allowances(self.general, self.litellm, self.router, self.trunkline)

    def extras(self) -> Extras:
        """What only Trunkline has a word for."""
        own = self.trunkline
        queue, recorder = own.mapping("queue"), own.mapping("recorder")
        wait = own.number("budget_wait")
        return Extras(
            resume=own.choice("resume", ("off", "text", "always")) or "text",  # type: ignore[arg-type]
            unpriced=own.choice("unpriced", ("refuse", "allow")),  # type: ignore[arg-type]
            budget_wait=5.0 if wait is None else wait,
            budget_bound=own.choice("budget_bound", ("learned", "bytes")),  # type: ignore[arg-type]
            budget_count=own.choice("budget_count", ("billed", "value")),  # type: ignore[arg-type]
            max_messages=own.integer("max_messages", least=1),
            validate=own.choice("validate", ("short", "always", "off")) or "short",  # type: ignore[arg-type]
            vision_model=own.text("vision_model"),
            queue_max=queue.integer("max") if queue else None,
            queue_wait=queue.number("wait") if queue else None,
            recorder_mode=recorder.text("mode") if recorder else "",
            on_store_down=own.text("on_store_down"),
            cost_in_usage=self._cost_in_usage(),
            loop_guard=_loop_guard(own.mapping("loop_guard")),
        )

    def _cost_in_usage(self) -> Literal["off", "chat", "on"]:
        """Ours, else what LiteLLM's flag says of chat; else chat."""
        told = self.trunkline.choice("cost_in_usage", ("off", "chat", "on"))
        if not told:
            told = "off" if self.litellm.flag("include_cost_in_streaming_usage") is False else "chat"
        return told  # type: ignore[return-value]


def _loop_guard(section: Section | None) -> LoopGuard:
    if section is None:
        return LoopGuard()
    action = section.choice("action", ("off", "header", "answer", "refuse")) or "header"
    slope = section.number("max_usd_per_hour")
    return LoopGuard(
        action=action,  # type: ignore[arg-type]
        repeats=section.integer("repeats", least=2) or LoopGuard().repeats,
        usd_per_hour=round((slope or 0) * NANO),
    )


def read_chains(section: Section, key: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """`fallbacks` and its kin: a list of `{name: [names]}`, or one such mapping; the first entry of a name wins."""
    value = section.data.get(key)
    reading, line = section.reading, section.line(key)
    if value is None or value == [] or value == {}:
        return
    remedy = f"Write it as\n  {key}:\n    - <name>: [<fallback>, <fallback>]"
    entries = [value] if isinstance(value, Mapping) else value
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise reading.refuse(line, f"`{key}` must be a list of `name: [fallbacks]`.", remedy)
    seen: dict[str, int] = {}
    for entry in entries:
        chain = Section(reading, entry, key, line)
        for name in entry:
            if name in seen:
                message = f"`{name}` has fallbacks twice; those of {reading.where(seen[name])} count."
                mend = leaves(chain.data, name)
                reading.warn(chain.line(name), message, "Put them into one list.", "value", mend)
                continue
            seen[name] = chain.line(name)
            yield name, chain.words(name)


def _counts(section: Section | None) -> dict[str, int]:
    if section is None:
        return {}
    counts = {key: section.integer(key) for key in section.data}
    return {key: value for key, value in counts.items() if value is not None}


def _meant(near: str) -> str:
    return f"Did you mean `{near}`?" if near else "Remove it."
