"""docs/settings.md: every setting that is acted on, and what becomes of LiteLLM's others."""

from __future__ import annotations

from collections.abc import Mapping

from tools import pages
from trunkline.config import keys, keys_params
from trunkline.config.reference import TABLES, settings

PAGE = "settings.md"
_PARAMS = """Any member of a provider's request (`temperature`, `max_tokens`, `thinking`, …) may stand here too: it is
put in where the request has none."""
_FATES = {
    "later": "Read, and not acted on in this version; each is a warning.",
    "unsupported": "LiteLLM has them, Trunkline does not; each is a warning.",
    "moot": "There is nothing here that they could change; each is a note.",
    "protects": "They guard something and are not implemented: the gateway refuses to start with one that is on. "
    "`--ignore KEY` insists.",
}


def parts() -> Mapping[str, str]:
    """The generated part of the page."""
    return {"settings": "\n\n".join([*map(_table, TABLES), "## LiteLLM's other settings", *map(_others, _FATES)])}


def _table(section: str) -> str:
    title = "At the top of the file" if section == "the file" else f"`{section}`"
    rows = ((f"`{each.name}`", each.type, each.default, each.meaning) for each in settings() if each.section == section)
    head = [f"## {title}", *([_PARAMS] if section == "litellm_params" else [])]
    return "\n\n".join([*head, pages.table(("key", "type", "default", "meaning"), rows)])


def _others(fate: str) -> str:
    tables = {"the file": keys.TOP, "model_list": keys.MODEL, **keys.SECTIONS}
    named = {title: sorted(key for key, its in table.items() if its == fate) for title, table in tables.items()}
    params = {
        "later": keys_params.LATER,
        "unsupported": keys_params.UNSUPPORTED,
        "moot": keys_params.MOOT,
        "protects": keys_params.PROTECTS,
    }
    named["litellm_params"] = sorted(params[fate])
    lines = [f"- {title}: {pages.code(found)}" for title, found in named.items() if found]
    return "\n".join([f"**{_FATES[fate]}**", "", *lines])
