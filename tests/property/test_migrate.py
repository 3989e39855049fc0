"""A configuration written anew: no key in it, the same meaning, and nothing left that could be mended."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.property.wires import always
from trunkline.config.check import doubts
from trunkline.config.keys import GENERAL, LITELLM, ROUTER, TRUNKLINE
from trunkline.config.load import load
from trunkline.config.migrate import migrate
from trunkline.config.schema import Deployment, Snapshot
from trunkline.config.write_yaml import write
from trunkline.config.yaml_lines import read
from trunkline.errors import ConfigInvalid

KEY = st.text(string.ascii_letters + string.digits, min_size=24, max_size=40).map(lambda text: f"sk-{text}7")
REFERENCE = st.sampled_from(["os.environ/ZAI_API_KEY", "${ZAI_API_KEY}", "os.environ/NOT_SET"])
SCALAR = st.none() | st.booleans() | st.integers(0, 500) | st.sampled_from(["", "3", "true", "glm", "zai/glm-4.6", "x"])
VALUE = (
    SCALAR | st.lists(SCALAR, max_size=2) | st.dictionaries(st.sampled_from(["glm", "gpt", "ttl"]), SCALAR, max_size=2)
)
WORDS = [*GENERAL, *LITELLM, *ROUTER, *TRUNKLINE, "max_retries", "drop_prams", "strategy", "not_a_setting"]
SECTION = st.dictionaries(st.sampled_from(WORDS), VALUE, max_size=3)
MEMBERS = st.fixed_dictionaries(
    {"model": st.sampled_from(["zai/glm-4.6", "openai/gpt-4o", "ollama/llama3"])},
    optional={
        "api_key": KEY | REFERENCE,
        "timeout": st.integers(1, 90) | st.just("60"),
        "temprature": st.floats(0, 1),
        "request_timeout": st.integers(1, 9),
        "tags": st.just(["a"]),
        "extra_headers": st.dictionaries(st.sampled_from(["X-Team", "Authorization"]), KEY, max_size=1),
        "extra_body": st.fixed_dictionaries({"password": KEY}),
        "aws_secret_access_key": KEY,
        "rpm": st.integers(1, 99),
        "max_tokens": st.integers(1, 99),
    },
)
ENTRY = st.fixed_dictionaries(
    {"model_name": st.sampled_from(["glm", "gpt"]), "litellm_params": MEMBERS},
    optional={"drop_params": st.booleans(), "mode": st.just("chat"), "model_info": st.just({"mode": "chat"})},
)
CHAINS = st.lists(
    st.dictionaries(st.sampled_from(["glm", "gpt", "zai/glm-4.6", "nobody"]), st.just(["gpt", "glmm"]), max_size=1),
    max_size=2,
)
FILE = st.fixed_dictionaries(
    {"model_list": st.lists(ENTRY, min_size=1, max_size=3)},
    optional={
        "litellm_settings": SECTION | st.fixed_dictionaries({"fallbacks": CHAINS}),
        "router_settings": SECTION | st.fixed_dictionaries({"fallbacks": CHAINS}),
        "general_settings": SECTION | st.fixed_dictionaries({"master_key": KEY, "database_url": KEY}),
        "environment_variables": st.dictionaries(st.sampled_from(["ZAI_API_KEY", "OTHER_TOKEN"]), KEY, max_size=2),
        "num_retries": SCALAR,
        "trunkline": SECTION,
    },
)
ENVIRON = {"ZAI_API_KEY": "sk-environment-1", "OPENAI_API_KEY": "sk-environment-2"}


def keys_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value} if value.startswith("sk-") else set()
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return {key for part in parts for key in keys_in(part)}


def meaning(snapshot: Snapshot) -> Snapshot:
    """All but where things stand, and how a key is called."""
    secrets = {
        "master_key": snapshot.master_key,
        "client_key": snapshot.client_key,
        "database_url": snapshot.database_url,
        "redis_url": snapshot.redis_url,
    }
    plain: dict[str, Any] = {name: replace(each, source="") if each else None for name, each in secrets.items()}
    return replace(
        snapshot,
        groups={name: tuple(map(bare, members)) for name, members in snapshot.groups.items()},
        wildcards=tuple((name, tuple(map(bare, members))) for name, members in snapshot.wildcards),
        warnings=(),
        files=(),
        parts=(),
        file=None,
        version="",
        variables={},
        raw_settings={},
        **plain,
    )


def bare(each: Deployment) -> Deployment:
    key = replace(each.key, source="") if each.key else None
    return replace(each, id="", where="", key_where="", key=key)


def without_remarks(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@always
@given(FILE)
def test_what_is_written_anew_holds_no_key_and_means_the_same(tmp_path: Path, document: dict[str, Any]) -> None:
    path, anew = tmp_path / "config.yaml", tmp_path / "anew.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    try:
        made = migrate(path, ENVIRON)
    except ConfigInvalid as refused:
        assert refused.remedy
        return
    for key in keys_in(document):
        assert key not in made.text
    anew.write_text(made.text, encoding="utf-8")
    environ = ENVIRON | {name: secret.value for name, secret in made.secrets.items()}
    snapshot = load(anew, environ)
    assert not [each for each in doubts(snapshot) if each.kind in ("unknown", "misplaced")]
    again = migrate(anew, environ)
    assert not again.secrets
    assert without_remarks(again.text) == without_remarks(made.text)
    path.write_text(again.text, encoding="utf-8")
    assert meaning(load(path, environ)) == meaning(snapshot)


@always
@given(FILE)
def test_where_nothing_is_to_be_mended_nothing_changes(tmp_path: Path, document: dict[str, Any]) -> None:
    path, anew = tmp_path / "config.yaml", tmp_path / "anew.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    try:
        before = load(path, ENVIRON)
        made = migrate(path, ENVIRON)
    except ConfigInvalid:
        return
    if any(each.kind not in ("key", "note", "unsupported") for each in before.warnings):
        return
    anew.write_text(made.text, encoding="utf-8")
    after = load(anew, ENVIRON | {name: secret.value for name, secret in made.secrets.items()})
    assert meaning(replace(after, callbacks=())) == meaning(replace(before, callbacks=()))


TEXT = st.text(max_size=12) | st.sampled_from(
    ["a: b", "# x", "*", "- a", "3.10", "2024-10-21", "off", "a\nb", "'", "é\t"]
)
LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
TREE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3),
    max_leaves=12,
)


@always
@given(st.dictionaries(TEXT.filter(bool), TREE, min_size=1, max_size=3))
def test_what_is_written_is_read_back(document: dict[str, Any]) -> None:
    text = write(document, lambda at: ["a remark: with *signs* # in it"] if at else [], ["head"])
    assert read(text, "anew.yaml") == document
