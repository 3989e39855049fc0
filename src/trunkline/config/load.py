"""From a file (or none) and an environment to one `Snapshot`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from trunkline.catalog.prices import load_prices
from trunkline.config.caching import read_caching
from trunkline.config.check import unpriced
from trunkline.config.cors import read_origins
from trunkline.config.credentials import read_credentials
from trunkline.config.dialect import native
from trunkline.config.documents import Document, read_document
from trunkline.config.environment import Environment, dotenv, dotenv_of, dotenv_places
from trunkline.config.found import demo, from_keys
from trunkline.config.levels import VARIABLES, doubt, level_of
from trunkline.config.litellm_models import read_models
from trunkline.config.litellm_settings import Settings
from trunkline.config.names import Names, grouped
from trunkline.config.schema import ConfigWarning, Deployment, Secret, Snapshot
from trunkline.config.section import Reading
from trunkline.config.sources import Sources
from trunkline.config.strays import tell
from trunkline.config.version import version_of
from trunkline.config.yaml_lines import Mapped
from trunkline.model.usage import Price

COMMAND_LINE = "command line"


def load(
    path: Path | None,
    environ: Mapping[str, str],
    *,
    ignore: frozenset[str] = frozenset(),
    overlay: Mapping[str, Any] | None = None,
    cwd: Path | None = None,
    opened: list[Path] | None = None,
    source: str = COMMAND_LINE,
) -> Snapshot:
    """The configuration at this moment. Raises `ConfigInvalid` for all that cannot be run.

    `environ` is the process's environment; `dotenv_of` says which `.env` is read (`cwd`: the working folder).
    `ignore` names guards that are to be done without. `overlay` is what the command line says, in the words of a
    configuration: its settings win over the file's, its models come first; `source` names who says it. `opened` is told
    each file before it is read, so that whoever watches them knows those of a configuration that was refused, too.
    """
    files = [] if opened is None else opened
    places = dotenv_places(path, cwd or Path.cwd())
    files += [path, *places] if path else places
    document = read_document(path, files) if path else Document(Mapped(), Sources([source]))
    layer, doubts = dotenv(dotenv_of(places))
    reading = Reading(document.sources, layer.under(environ), ignore, [*document.doubts, *doubts], files=files)
    dialect, top = native(reading, document.top)
    snapshot = understood(reading, top, path, overlay or {})
    return replace(snapshot, dialect=dialect, parts=tuple(document.parts))


def understood(
    reading: Reading, top: Mapped, path: Path | None = None, overlay: Mapping[str, Any] = MappingProxyType({})
) -> Snapshot:
    """What a document of LiteLLM's shape comes to. Raises `ConfigInvalid` for all that cannot be run."""
    _apply_variables(reading, top)
    first = reading.sources if path is None else Sources([COMMAND_LINE])
    over = Reading(first, reading.environment, reading.ignore, reading.warnings)
    laid = dict(overlay)
    models = read_models(over, laid.pop("model_list", None), 0)
    credentials = read_credentials(reading, top.get("credential_list"), top.line_of("credential_list"))
    models += read_models(reading, top.get("model_list"), top.line_of("model_list"), credentials)
    credentials.tell_unused()
    settings = Settings(reading, _laid_over(top, laid))
    tell(settings)
    return _assemble(reading, settings, models, path)


def _assemble(reading: Reading, settings: Settings, models: list[Deployment], path: Path | None) -> Snapshot:
    environment = reading.environment
    if not models:
        if path is not None:
            remedy = "Add one to `model_list`; until then the models of the keys in the environment are offered."
            reading.warn(settings.top.line("model_list"), "the file configures no model.", remedy)
        models, doubts = from_keys(environment)
        reading.warnings += doubts
    taken = {each.group for each in models}
    shown = settings.trunkline.flag("demo") is not False
    demos = [each for each in demo(environment) if each.group not in taken] if shown else []
    groups, wildcards = grouped([*models, *demos])
    names = Names(reading, groups, wildcards)
    names.read_aliases(settings)
    names.read_cheapest(settings.trunkline)
    fallbacks, default_fallbacks = names.read_fallbacks(settings)
    default_model = settings.trunkline.text("default_model") or settings.general.text("completion_model")
    if default_model and not names.known(default_model):
        remedy = "Name one that `model_list` has."
        reading.warn(settings.general.line("completion_model"), f"no model is called `{default_model}`.", remedy)
    vision_model = settings.trunkline.text("vision_model")
    if vision_model and not names.known(vision_model):
        remedy = "Name one that `model_list` has."
        reading.warn(settings.trunkline.line("vision_model"), f"no model is called `{vision_model}`.", remedy)
    timeout = settings.router.seconds("timeout") or settings.litellm.seconds("request_timeout")
    client_keys = settings.trunkline.choice("client_keys", ("deny", "beside", "allow"))
    beside = settings.general.flag("allow_client_side_credentials")
    prices = _prices(settings, path)
    snapshot = Snapshot(
        groups=groups,
        wildcards=wildcards,
        aliases=names.aliases,
        hidden=frozenset(names.hidden),
        fallbacks=fallbacks,
        default_fallbacks=default_fallbacks,
        default_model=default_model,
        cheapest=names.cheapest,
        port=settings.port(),
        log_level=_log_level(settings, environment),
        master_key=settings.master_key(),
        client_key=settings.client_key(),
        client_keys=client_keys or ("beside" if beside else "deny"),  # type: ignore[arg-type]
        ignored=reading.ignore,
        require_user=bool(settings.general.flag("enforce_user_param")),
        key_defaults=settings.key_rules("default_key_generate_params"),
        key_bounds=settings.key_rules("upperbound_key_generate_params"),
        provider_limits=settings.provider_limits(),
        num_retries=settings.either("num_retries").integer("num_retries"),
        timeout=timeout,
        stream_timeout=settings.either("stream_timeout").seconds("stream_timeout"),
        drop_params=bool(settings.litellm.flag("drop_params")),
        routing=names.checked(settings.routing(), settings),
        extras=settings.extras(),
        allowances=names.budgeted(settings.allowances(), fallbacks, default_fallbacks),
        health_every=settings.health_every(),
        metrics_open=settings.litellm.flag("require_auth_for_metrics_endpoint") is False,
        callbacks=settings.callbacks(),
        keep_rows=settings.general.length("maximum_spend_logs_retention_period"),
        database_url=_database(settings, environment),
        redis_url=_secret(settings.router.written("redis_url"), reading, settings.router.line("redis_url")),
        cors_origins=read_origins(settings.trunkline),
        error_codes=settings.trunkline.choice("error_codes", ("wire", "upper")) or "wire",  # type: ignore[arg-type]
        limits=settings.limits(),
        caching=read_caching(settings),
        file=path,
        files=tuple(reading.files),
        variables=environment.from_files(),
        prices=prices,
        raw_settings=_shown(settings),
    )
    return _finished(snapshot, reading)


def _finished(snapshot: Snapshot, reading: Reading) -> Snapshot:
    warnings = (*reading.warnings, *unpriced(snapshot))
    return replace(snapshot, warnings=warnings, version=version_of(snapshot))


def _apply_variables(reading: Reading, top: Mapped) -> None:
    """`environment_variables`: laid over the process's, as LiteLLM does; what is unset or empty changes nothing."""
    section = Settings(reading, top).top.mapping("environment_variables")
    if section is None:
        return
    values: dict[str, str] = {}
    for name in section.data:
        text = section.text(name)
        if not text:
            continue
        if reading.environment.get(name, text) != text:
            message = f"{name} is set in the environment too; this file's value counts, as in LiteLLM."
            reading.warn(section.line(name), message, "Remove one of them.", "note")
        values[name] = text
    origins = {name: reading.where(section.line(name)) for name in values}
    reading.environment = reading.environment.over(values, origins)


def _laid_over(top: Mapped, overlay: Mapping[str, Any]) -> Mapped:
    """The file with the command line's settings in it; those have no line."""
    made = Mapped(top.line)
    for name in top:
        made.take(name, top)
    for name, settings in overlay.items():
        section, own = Mapped(top.line_of(name)), made.get(name)
        if isinstance(own, Mapped):
            for key in own:
                section.take(key, own)
        for key, value in settings.items():
            section[key] = value
            section.lines[key] = 0
        made[name] = section
    return made


def _database(settings: Settings, environment: Environment) -> Secret | None:
    """The file's, else inside the image `DATABASE_URL`: elsewhere that variable belongs to other programs.

    Either is told: the record is in SQLite all the same.
    """
    reading, line = settings.reading, settings.general.line("database_url")
    found = _secret(settings.general.written("database_url"), reading, line)
    told = "keeps its record in SQLite on this machine"
    if settings.general.data.get("database_url"):
        message = f"`database_url` names a database, and this version {told}."
        reading.warn(line, message, "It can stay for a later one.", "unsupported")
        return found
    in_image = environment.get("TRUNKLINE_IN_IMAGE") == "1"
    given = environment.get("DATABASE_URL", "").strip() if in_image else ""
    if not given:
        return None
    where = environment.origin("DATABASE_URL") or "DATABASE_URL"
    message = f"DATABASE_URL names a database, and this version {told}."
    reading.warn(0, message, "It can stay for a later one.", "unsupported", where=where)
    return Secret(given, "DATABASE_URL")


def _log_level(settings: Settings, environment: Environment) -> str:
    """What `.env` says, before the file; the process's own environment is the command line's to read."""
    said = environment.from_files()
    for name in VARIABLES:
        if word := said.get(name, "").strip():
            if not (known := level_of(word)):
                settings.reading.warnings.append(ConfigWarning(environment.called(name), doubt(name, word)))
            return known
    word, line = settings.trunkline.text("log_level"), settings.trunkline.line("log_level")
    if word and not level_of(word):
        settings.reading.warn(line, doubt("`log_level`", word))
    return level_of(word)


def _secret(written: tuple[str, str], reading: Reading, line: int) -> Secret | None:
    value, variable = written
    return Secret(value.strip(), variable or reading.where(line)) if value.strip() else None


def _prices(settings: Settings, path: Path | None) -> Mapping[str, Price]:
    given = settings.trunkline.text("prices")
    if not given:
        return {}
    prices = (path.parent if path else Path()) / Path(given).expanduser()
    settings.reading.files.append(prices)
    return load_prices(prices)


_WORDS_OF_SECRETS = ("key", "secret", "password", "token", "url", "credential", "header", "dsn", "auth")


def _shown(settings: Settings) -> Mapping[str, Mapping[str, Any]]:
    """The sections as they stand, references unresolved; whatever may hold a secret is left out."""
    sections = (settings.general, settings.litellm, settings.router, settings.trunkline)
    return {section.title: _harmless(section.data) for section in sections if section.data}


def _harmless(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: item for key, item in value.items() if not any(word in key.lower() for word in _WORDS_OF_SECRETS)}
        return {key: _harmless(item) for key, item in kept.items()}
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    return value
