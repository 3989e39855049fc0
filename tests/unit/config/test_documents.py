"""Files that include others: what is joined, what is replaced, and that every doubt names its own file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trunkline.config.documents import MOST, read_document
from trunkline.config.load import load
from trunkline.errors import ConfigInvalid

Files = Callable[..., Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Writes files by name; the first is the configuration."""

    def write(**texts: str) -> Path:
        for name, text in texts.items():
            path = tmp_path / name.replace("__", "/")
            path = path.with_name(f"{path.name}.yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / f"{next(iter(texts))}.yaml"

    return write


def model(name: str) -> str:
    return f"model_list:\n  - {{model_name: {name}, litellm_params: {{model: zai/glm-4.6, api_key: sk-test-1}}}}\n"


def test_models_are_put_one_behind_another_in_litellms_order(files: Files) -> None:
    first = files(
        config="include: [a.yaml, b.yaml]\n" + model("own"),
        a="include: [deep.yaml]\n" + model("from-a"),
        b=model("from-b"),
        deep=model("from-deep"),
    )
    snapshot = load(first, {})
    assert [name for name in snapshot.groups if name != "demo/echo"] == ["own", "from-a", "from-b", "from-deep"]
    assert [each.where for each in snapshot.deployments()][:4] == [
        "config.yaml:3",
        "a.yaml:3",
        "b.yaml:2",
        "deep.yaml:2",
    ]
    assert [path.name for path in snapshot.parts] == ["config.yaml", "a.yaml", "b.yaml", "deep.yaml"]
    assert set(snapshot.parts) < set(snapshot.files), "a change of any of them is seen"
    assert not snapshot.warnings


def test_a_section_is_replaced_and_what_it_loses_is_told(files: Files) -> None:
    first = files(
        config="include: [a.yaml]\nlitellm_settings: {num_retries: 4, drop_params: true}\n" + model("own"),
        a="\nlitellm_settings:\n  drop_params: false\n",
    )
    snapshot = load(first, {})
    assert snapshot.num_retries is None and not snapshot.drop_params
    [warning] = snapshot.warnings
    assert warning.where == "a.yaml:2"
    assert "config.yaml:2" in warning.message and "`num_retries`" in warning.message


def test_a_doubt_in_an_included_file_names_that_file_and_its_line(files: Files) -> None:
    first = files(
        config="include: [parts/a.yaml]\n" + model("own"), parts__a="\n\nrouter_settings:\n  max_retries: 3\n"
    )
    [warning] = load(first, {}).warnings
    assert warning.where == "parts/a.yaml:4"


def test_a_path_is_meant_from_the_file_that_names_it_else_from_the_first(files: Files) -> None:
    first = files(
        config="include: [parts/a.yaml]\n" + model("own"),
        parts__a="include: [b.yaml, c.yaml]\n" + model("a"),
        parts__b=model("beside"),
        b=model("not-read"),
        c=model("at-the-root"),
    )
    snapshot = load(first, {})
    assert {"own", "a", "beside", "at-the-root"} <= snapshot.groups.keys()
    assert "not-read" not in snapshot.groups
    [note] = snapshot.warnings
    assert (note.where, note.kind) == ("parts/a.yaml:1", "note")


def test_a_file_counts_once_and_a_name_alone_is_a_list(files: Files) -> None:
    first = files(config="include: a.yaml\n" + model("own"), a="include: [b.yaml, b.yaml]\n", b=model("b"))
    snapshot = load(first, {})
    assert len(snapshot.groups["b"]) == 1
    assert [warning.kind for warning in snapshot.warnings] == ["note", "note"]


@pytest.mark.parametrize(
    ("include", "more", "where", "says"),
    [
        ("[config.yaml]", "", "config.yaml:1", "includes itself"),
        ("[a.yaml]", "include:\n  - config.yaml\n", "a.yaml:2", "includes itself, by way of config.yaml → a.yaml"),
        ("[nowhere.yaml]", "", "config.yaml:1", "`nowhere.yaml`, which is not there"),
        ("[.]", "", "config.yaml:1", "is a folder"),
        ("{a: b}", "", "config.yaml:1", "must be a list of files"),
        ("[a.yaml, 7]", "", "config.yaml:1", "must be a list of files"),
        ("[a.yaml]", "- a list\n", "a.yaml:1", "a list, not sections"),
        ("[a.yaml]", "a: [\n", "a.yaml:2", "not valid YAML"),
    ],
)
def test_what_cannot_be_included_refuses_with_its_place(
    files: Files, include: str, more: str, where: str, says: str
) -> None:
    first = files(config=f"include: {include}\n" + model("own"), a=more or model("a"))
    with pytest.raises(ConfigInvalid) as refused:
        load(first, {})
    assert refused.value.message.startswith(f"{where}:")
    assert says in refused.value.message
    assert refused.value.remedy


def test_an_unending_row_of_files_is_refused(tmp_path: Path) -> None:
    for number in range(MOST + 2):
        (tmp_path / f"{number}.yaml").write_text(f"include: [{number + 1}.yaml]\n")
    with pytest.raises(ConfigInvalid, match=f"more than {MOST} files"):
        read_document(tmp_path / "0.yaml")


def test_files_are_told_before_they_are_read_and_a_tab_is_a_blank_in_json(tmp_path: Path) -> None:
    first = tmp_path / "config.json"
    first.write_text('{\n\t"include": ["broken.yaml"]\n}\n')
    (tmp_path / "broken.yaml").write_text("a: [\n")
    opened: list[Path] = []
    with pytest.raises(ConfigInvalid, match=r"broken\.yaml:2"):
        read_document(first, opened)
    assert [path.name for path in opened] == ["config.json", "broken.yaml"]
