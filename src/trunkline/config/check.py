"""What a configuration came to, as rows of plain data, for whoever shows it. Prints nothing, opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trunkline.catalog import litellm_sdk
from trunkline.catalog.models import look_up
from trunkline.catalog.providers import at_host
from trunkline.config.schema import ConfigWarning, Deployment, Snapshot
from trunkline.model.usage import Price, dollars


@dataclass(frozen=True, slots=True)
class Row:
    """One deployment as a person should see it. No secret in it."""

    name: str
    provider: str
    model: str
    key: str
    """`key from ZAI_API_KEY`, `no key`, `needs no key`, or `left to the SDK`."""
    doors: tuple[tuple[str, str], ...]
    """Wire and base URL, the preferred one first."""
    price: str
    """Dollars per million tokens, `0.6 in, 2.2 out`; `free`; `by model` (of a pattern); or `unknown`."""
    limits: str
    fallbacks: tuple[str, ...]
    where: str


def rows(snapshot: Snapshot) -> list[Row]:
    """Every deployment, in the file's order, wildcards last."""
    found = [*snapshot.groups.items(), *snapshot.wildcards]
    return [_row(snapshot, name, each) for name, members in found for each in members]


def in_order(snapshot: Snapshot) -> list[ConfigWarning]:
    """All warnings as they stand in the files: by file, then by line; what is about no file's line comes last."""
    names = {path.name: number for number, path in enumerate(snapshot.parts)}

    def place(warning: ConfigWarning) -> tuple[int, int]:
        name, _, line = warning.where.rpartition(":")
        number = names.get(name, names.get(Path(name).name, len(names))) if line.isdigit() else len(names) + 1
        return number, int(line) if line.isdigit() else 0

    return sorted(snapshot.warnings, key=place)


def doubts(snapshot: Snapshot) -> list[ConfigWarning]:
    """The warnings that count against a configuration: all but notes, and but keys that another deployment covers."""
    lost = [each for members in snapshot.groups.values() for each in members if each.key_missing]
    covered = {each.key_where for each in lost if has_another(snapshot, each)}
    counted = [each for each in snapshot.warnings if each.kind != "note"]
    return [each for each in counted if each.kind != "key" or each.where not in covered]


def price_of(snapshot: Snapshot, deployment: Deployment) -> Price | None:
    """The deployment's own price, else the person's price file, else the catalog's (by its host) or LiteLLM's.

    Azure's deployments have names of their own; `base_model` of `model_info` says which model that is.
    """
    if deployment.price is not None:
        return deployment.price
    base = next((door.base for door in deployment.doors.values()), "")
    vendor = at_host(base) or deployment.provider
    own = snapshot.prices.get(f"{vendor.name}/{deployment.model}") or snapshot.prices.get(deployment.model)
    if own is None and vendor.embedded == "litellm":
        return litellm_sdk.price(vendor.name, deployment.model)
    if own is not None:
        return own
    base_model = str(deployment.info.get("base_model") or "").rpartition("/")[2]
    known = look_up(vendor.name, deployment.model) or (look_up(vendor.name, base_model) if base_model else None)
    return known.price if known else None


def unpriced(snapshot: Snapshot) -> list[ConfigWarning]:
    """A warning for each model that has no known price, once; it only counts where a budget then refuses the model.

    What goes through LiteLLM's SDK is left out: its prices are in a file that is read when one is asked for.
    """
    refused = bool(snapshot.allowances) and snapshot.extras.unpriced != "allow"
    found: dict[tuple[str, str], ConfigWarning] = {}
    for each in snapshot.deployments():
        name = (each.provider.name, each.model)
        if each.provider.embedded or "*" in each.model or name in found or price_of(snapshot, each) is not None:
            continue
        what = "budgets refuse it" if refused else "its calls are counted as 0, and no budget can hold them"
        found[name] = ConfigWarning(
            each.where,
            f"no price of `{each.provider.name}/{each.model}` is known: {what}.",
            "Write `input_cost_per_token` and `output_cost_per_token` beside it (0 where nothing is charged).",
            "value" if refused else "note",
        )
    return list(found.values())


def _row(snapshot: Snapshot, name: str, each: Deployment) -> Row:
    none = "left to the SDK" if each.provider.embedded == "litellm" else "needs no key"
    key = f"key from {each.key.source}" if each.key else "no key" if each.key_missing else none
    limits = {"rpm": each.rpm, "tpm": each.tpm, "parallel": each.max_parallel, "timeout": each.timeout}
    return Row(
        name=name,
        provider=each.provider.name,
        model=each.model,
        key=key,
        doors=tuple((wire, door.base) for wire, door in each.doors.items()),
        price="by model" if "*" in each.model else _price(price_of(snapshot, each)),
        limits=", ".join(f"{word} {value:g}" for word, value in limits.items() if value is not None),
        fallbacks=tuple(each for each in snapshot.fallbacks.get(name, snapshot.default_fallbacks) if each != name),
        where=each.where,
    )


def _price(price: Price | None) -> str:
    if price is None:
        return "unknown"
    first = price.tiers[0]
    if not first.input and not first.output:
        return "free"
    more = " and more for long prompts" if len(price.tiers) > 1 else ""
    return f"{dollars(first.input)} in, {dollars(first.output)} out{more}"


def has_another(snapshot: Snapshot, lost: Deployment) -> bool:
    """Whether a call that wanted this deployment finds another one with a key, in its group or down its chain."""
    chain = (lost.group, *snapshot.fallbacks.get(lost.group, snapshot.default_fallbacks))
    members = [each for name in chain for each in snapshot.groups.get(snapshot.aliases.get(name, name), ())]
    return any(not each.key_missing for each in members)
