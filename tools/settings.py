"""Writes `docs/settings.md` from the keys that the configuration knows: `.venv/bin/python -m tools.settings`.

`tests/unit/config/test_docs.py` fails while the page is not what this writes.
"""

from __future__ import annotations

from pathlib import Path

from trunkline.config import keys, keys_params
from trunkline.config.reference import TABLES, settings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
_HEAD = """\
# Settings

Every setting that is acted on, and what becomes of LiteLLM's others. `.venv/bin/python -m tools.settings` writes this
page from `src/trunkline/config/reference.py` and `keys.py`; `trunkline check --keys WORD` shows a part of it in a
terminal. What the settings do together is in [configuration](configuration.md), [routing](routing.md),
[spend](spend.md) and [keys](keys.md).

Any value may be `os.environ/NAME` or `${NAME}`. Numbers, `true` and `false` may be quoted; a list of names may be one
name, or several with commas. `–`: nothing where nothing is written."""
_PARAMS = """Any member of a provider's request (`temperature`, `max_tokens`, `thinking`, …) may stand here too: it is
put in where the request has none."""
_FATES = {
    "later": "Read, and not acted on in this version; each is a warning.",
    "unsupported": "LiteLLM has them, Trunkline does not; each is a warning.",
    "moot": "There is nothing here that they could change; each is a note.",
    "protects": "They guard something and are not implemented: the gateway refuses to start with one that is on. "
    "`--ignore KEY` insists.",
}


def page() -> str:
    """The whole page."""
    return "\n\n".join([_HEAD, *map(_table, TABLES), "## LiteLLM's other settings", *map(_others, _FATES)]) + "\n"


def _table(section: str) -> str:
    title = "At the top of the file" if section == "the file" else f"`{section}`"
    rows = [f"| `{each.name}` | {each.type} | {each.default} | {each.meaning} |" for each in settings()
            if each.section == section]  # fmt: skip
    head = [f"## {title}", *([_PARAMS] if section == "litellm_params" else [])]
    return "\n\n".join([*head, "\n".join(["| key | type | default | meaning |", "| --- | --- | --- | --- |", *rows])])


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
    lines = [f"- {title}: {', '.join(f'`{key}`' for key in found)}" for title, found in named.items() if found]
    return "\n".join([f"**{_FATES[fate]}**", "", *lines])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
