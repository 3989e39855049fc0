"""The one schema that every dialect is read into, and that the rest of the house reads. Immutable, no I/O.

A `Snapshot` is the whole configuration at one moment. It is swapped whole; a request keeps the one it began with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from trunkline.catalog.provider import Auth, Provider
from trunkline.errors import Kind
from trunkline.model.usage import Price
from trunkline.model.wires import Operation, Wire


@dataclass(frozen=True, slots=True)
class Secret:
    """A key and where it came from. Never prints its value."""

    value: str = field(repr=False)
    source: str
    """`ZAI_API_KEY`, or `config.yaml:12 api_key`: how to name it to a person."""

    def __str__(self) -> str:
        return f"<secret from {self.source}>"


@dataclass(frozen=True, slots=True)
class Door:
    """Where one wire of a deployment is spoken: the base URL without a trailing slash, and the key's header."""

    base: str
    auth: Auth


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be spent in a period: nano-dollars, and `24h`, `7d`, ... (`model/periods.py`); empty: for ever."""

    cap: int
    period: str = ""
    fallback_at: int | None = None
    """Percent of the cap: once so much is spent, calls go to the fallbacks while one of those can answer. Of model
    groups and providers."""


@dataclass(frozen=True, slots=True)
class Allowances:
    """Budgets that the configuration sets; those of keys, users and teams are elsewhere."""

    gateway: Allowance | None = None
    """`max_budget` and `budget_duration`: of everything."""
    providers: Mapping[str, Allowance] = field(default_factory=dict)
    """`provider_budget_config`: provider → what may be spent there."""
    groups: Mapping[str, Allowance] = field(default_factory=dict)
    """`model_group_budgets`: model group → what may be spent on it, whoever serves it."""
    end_user: Allowance | None = None
    """`max_end_user_budget`: of each end user."""
    session: Allowance | None = None
    """`max_session_budget`: of each session."""
    zone: str = ""
    """`timezone`: whose midnights, Mondays and months budgets begin at; empty: UTC's."""

    def __bool__(self) -> bool:
        return any((self.gateway, self.providers, self.groups, self.end_user, self.session))


@dataclass(frozen=True, slots=True)
class Deployment:
    """One model at one provider with one key: what a request is sent to.

    `model` is the name the provider is told; for a wildcard deployment it holds a `*` that the asked name fills.
    `key` is None when none is needed or when none was found; `key_missing` then says which is the case, in a
    sentence that names the variable (or file, line and `api_key`) and the remedy: it is shown to the client as 401.
    """

    id: str
    """Stable hash of what identifies it: `x-litellm-model-id`."""
    group: str
    """`model_name`: what clients ask for. May hold a `*`."""
    provider: Provider
    model: str
    doors: Mapping[Wire, Door]
    key: Secret | None = None
    key_missing: str = ""
    key_where: str = ""
    """The place that is to be mended when `key_missing` says something: what the warning about it names."""
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Request members of its own (`temperature`, `max_tokens`, ...): put in where the request has none."""
    extra_body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Request members that replace whatever the request has."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """`extra_headers`; they may hold a secret."""
    sdk: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What LiteLLM's SDK is handed beside the request (`aws_region_name`, `vertex_project`); holds secrets."""
    drop: tuple[str, ...] = ()
    """`additional_drop_params`: members removed before sending."""
    api_version: str = ""
    plan: Literal["", "coding", "payg"] = ""
    region: Literal["intl", "cn"] = "intl"
    timeout: float | None = None
    stream_timeout: float | None = None
    """First-token time-out of streams, seconds."""
    weight: float | None = None
    """Share of a group's traffic; None: nothing was said."""
    order: int = 0
    rpm: int | None = None
    tpm: int | None = None
    max_parallel: int | None = None
    max_retries: int | None = None
    drop_params: bool | None = None
    """Its own `drop_params`; None: the snapshot's."""
    cooldown_time: float | None = None
    tags: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    """`model_info.access_groups`: names under which keys are granted it together with others."""
    allowance: Allowance | None = None
    """`max_budget` and `budget_duration` of its own."""
    price: Price | None = None
    """From `input_cost_per_token` and its kin in the file; None: the catalog is asked."""
    info: Mapping[str, Any] = field(default_factory=dict)
    """`model_info`, as it stands in the file."""
    where: str = ""
    """`config.yaml:7`, or `from ZAI_API_KEY` when it was built from the environment."""
    api_base: str = field(default="", repr=False)
    """As it stands beside the model; empty: nobody wrote one, so a variable or the provider's row says where it is."""
    elsewhere: tuple[str, ...] = ()
    """Other origins where the same server may be (`http://ollama:11434`): nobody said where, so the first that takes a
    connection is asked, its doors' own before these."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is accepted and how long is waited. Seconds and bytes."""

    body: int = 32 * 1024 * 1024
    headers: int = 64 * 1024
    answer: int = 32 * 1024 * 1024
    """A whole answer that is larger is refused: it is read whole, so that its headers can tell its cost."""
    streams: int = 2000
    """Requests in flight at once, per process."""
    connect: float = 10.0
    first_byte: float | None = None
    """Until the provider's first semantic event, or the whole answer's headers; None: `route/patience.py` says."""
    idle: float | None = None
    """Between two pieces of a stream; None: `route/patience.py` says."""
    deadline: float | None = None
    """For a whole call: all attempts, waits, and its stream to the end. None: a stream that flows is never ended."""
    drain: float = 10.0
    ping_after: float = 25.0
    """Silence before a stream's first ping; later ones come after 10 s of silence each."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What all callers together may ask of a provider. None: no bound."""

    rpm: int | None = None
    tpm: int | None = None
    parallel: int | None = None
    retry_delay: float | None = None
    """Seconds before it is asked again after a failure; doubled each time."""


@dataclass(frozen=True, slots=True)
class Routing:
    """What `router_settings` (and LiteLLM's second place, `litellm_settings`) say of routes. None: nothing was said."""

    strategy: str = "simple-shuffle"
    strategy_args: Mapping[str, Any] = field(default_factory=dict)
    context_window_fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    content_policy_fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    max_fallbacks: int | None = None
    retry_policy: Mapping[str, int] = field(default_factory=dict)
    """`RateLimitErrorRetries` and its kin → attempts after the first."""
    group_retry_policy: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """`model_group_retry_policy`: group → the same, for that group alone."""
    retry_after: float | None = None
    """The least wait before a retry, seconds."""
    allowed_fails: int | None = None
    allowed_fails_policy: Mapping[str, int] = field(default_factory=dict)
    cooldown_time: float | None = None
    disable_cooldowns: bool = False
    no_fallback_on: tuple[Kind, ...] = ()
    """`trunkline.no_fallback_on`: after a failure of these kinds no other group is gone on to."""


@dataclass(frozen=True, slots=True)
class LoopGuard:
    """`trunkline.loop_guard`: when an agent is thought to run away, and what is done then."""

    action: Literal["off", "header", "answer", "refuse"] = "header"
    """`header`: it is said, and nothing is stopped. `answer`: the gateway answers in the model's place."""
    repeats: int = 5
    """So often in a row must the same have been done, with the same result."""
    usd_per_hour: int = 0
    """`max_usd_per_hour` of a session, nano-dollars; 0: no limit."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What stands under `trunkline:` and has no other place in the schema. None or empty: nothing was said."""

    resume: Literal["off", "text", "always"] = "text"
    unpriced: Literal["refuse", "allow", ""] = ""
    budget_wait: float = 5.0
    """Seconds that a request waits for budget held by others."""
    budget_bound: Literal["learned", "bytes", ""] = ""
    budget_count: Literal["billed", "value", ""] = ""
    max_messages: int | None = None
    validate: Literal["short", "always", "off"] = "short"
    """Which conversations are looked through before anything is sent: those of ordinary length, all, or none."""
    vision_model: str = ""
    queue_max: int | None = None
    queue_wait: float | None = None
    recorder_mode: str = ""
    on_store_down: str = ""
    cost_in_usage: Literal["off", "chat", "on"] = "chat"
    """Whether a stream tells its cost beside its usage: never, in OpenAI's chat if usage is asked for, everywhere."""
    loop_guard: LoopGuard = LoopGuard()


@dataclass(frozen=True, slots=True)
class Caching:
    """What is kept of answers, in each worker's memory, to be told again."""

    ttl: float = 600.0
    """Seconds; LiteLLM's default for its cache in memory."""
    namespace: str = ""
    asked_for: bool = False
    """Only requests that ask for it use it (`mode: default_off`)."""
    operations: frozenset[Operation] = frozenset()
    bytes: int = 64 * 1024 * 1024
    """All that a worker keeps."""
    entry: int = 1024 * 1024
    """The largest answer that is kept, bytes."""
    shared: bool = False
    """Callers with different keys are told each other's answers."""
    streamed_tools: bool = False
    """Streams are kept that may hold calls of tools."""


@dataclass(frozen=True, slots=True)
class ConfigWarning:
    """One thing in the configuration that does not do what its writer hoped."""

    where: str
    """`config.yaml:12`, or the variable's name."""
    message: str
    remedy: str = ""
    kind: Literal["unknown", "misplaced", "unsupported", "key", "value", "note"] = "unknown"

    def __str__(self) -> str:
        return f"{self.where}: {self.message} {self.remedy}".strip()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole configuration at one moment."""

    groups: Mapping[str, tuple[Deployment, ...]]
    """Exact `model_name` → its deployments, in the file's order."""
    wildcards: tuple[tuple[str, tuple[Deployment, ...]], ...] = ()
    """`model_name` with `*` → deployments; the most literal characters first."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """`model_group_alias`: another name → group."""
    hidden: frozenset[str] = frozenset()
    """Aliases that `/models` does not list."""
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default_fallbacks: tuple[str, ...] = ()
    key_defaults: Mapping[str, Any] = field(default_factory=dict)
    """`default_key_generate_params`: what a new key has where nothing is said."""
    key_bounds: Mapping[str, Any] = field(default_factory=dict)
    """`upperbound_key_generate_params`: the most that a key may be given."""
    provider_limits: Mapping[str, Rates] = field(default_factory=dict)
    """Provider → what all callers together may ask of it, over all its deployments."""
    default_model: str = ""
    """What a request without `model` gets; empty: it is refused."""
    cheapest: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """`trunkline.cheapest`: a name → groups, of which the cheapest that can be asked answers."""
    port: int | None = None
    """`trunkline.port`: what is listened on where no flag or `PORT` says otherwise; None: 4000."""
    log_level: str = ""
    """`trunkline.log_level`: counts where no flag and no variable says otherwise."""
    master_key: Secret | None = None
    client_key: Secret | None = None
    """`trunkline.client_key`: lets its holder ask models, and do nothing else."""
    client_keys: Literal["deny", "beside", "allow"] = "deny"
    """Whether a caller's own key at a provider is used: never, beside a key of the gateway's, or also in its place."""
    ignored: frozenset[str] = frozenset()
    """Guards that whoever started it insists on doing without (`--ignore`)."""
    require_user: bool = False
    """`enforce_user_param`: a call that names no end user is refused."""
    num_retries: int | None = None
    timeout: float | None = None
    stream_timeout: float | None = None
    drop_params: bool = False
    routing: Routing = Routing()
    extras: Extras = Extras()
    allowances: Allowances = Allowances()
    health_every: float | None = None
    """Seconds between two background checks of the providers' health; None: none is made."""
    metrics_open: bool = False
    """`/metrics` is answered without a key."""
    callbacks: tuple[str, ...] = ()
    """Names under `callbacks`, `success_callback` and `failure_callback`, each once."""
    keep_rows: int | None = None
    """Seconds after which rows of the ledger are pruned, by whole days; None: never. Sums of days stay."""
    database_url: Secret | None = None
    redis_url: Secret | None = None
    cors_origins: tuple[str, ...] = ()
    """Origins of pages that may read answers; empty: any, or without a key any of this machine (`serve/cors.py`)."""
    error_codes: Literal["wire", "upper"] = "wire"
    """How the gateway names its own errors: as the wire does, or as `RATE_LIMIT_ERROR`."""
    limits: Limits = Limits()
    caching: Caching | None = None
    """None: no answer is kept."""
    warnings: tuple[ConfigWarning, ...] = ()
    file: Path | None = None
    parts: tuple[Path, ...] = ()
    """That file and all that it includes."""
    files: tuple[Path, ...] = ()
    """All that it was read from, `.env` and the price file among them, also where such a one is not there yet."""
    dialect: str = "litellm"
    """The shape of that file: a module of `config/dialect`, or LiteLLM's own."""
    version: str = ""
    """Short hash of what was read: tells two configurations apart in logs and in readiness."""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What `.env` and `environment_variables` set beside the process's environment: the SDK looks there for keys."""
    prices: Mapping[str, Price] = field(default_factory=dict)
    """The user's own price file, over the catalog's: model → price."""
    raw_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The sections of settings as they were read, for `/model/info` and `check`. Holds no secret."""

    @property
    def locked(self) -> bool:
        """Whether callers are asked for a key."""
        return self.master_key is not None or self.client_key is not None

    def deployments(self) -> Iterator[Deployment]:
        """All of them, those of wildcards last."""
        for found in (*self.groups.values(), *(found for _, found in self.wildcards)):
            yield from found
