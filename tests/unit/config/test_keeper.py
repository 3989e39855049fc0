"""One configuration after another: taken whole, refused whole, told in words; and the digest that tells them apart."""

from __future__ import annotations

import itertools
import logging
import pickle
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.differences import mended, told
from trunkline.config.keeper import Keeper
from trunkline.config.load import load
from trunkline.config.schema import Caching, ConfigWarning, Limits, Secret, Snapshot
from trunkline.config.version import version_of
from trunkline.errors import ConfigInvalid

GOOD = "model_list: [{model_name: a, litellm_params: {model: openai/x, api_key: os.environ/A_KEY}}]\n"


def keeper(file: Path, environ: Mapping[str, str] | None = None) -> Keeper:
    moments = map(str, itertools.count(1))
    return Keeper(
        lambda opened: load(file, environ or {}, opened=opened),
        lambda: next(moments),
        lambda shot: {"limits.headers": shot.limits.headers, "limits.drain": shot.limits.drain},
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(GOOD)
    return path


def test_the_first_one_is_there_or_nothing_is(file: Path) -> None:
    kept = keeper(file)
    assert kept.edition.number == 1
    assert kept.edition.since == "1"
    assert kept.next() is None
    file.write_text("model_list: 3")
    with pytest.raises(ConfigInvalid, match=r"config.yaml:1"):
        keeper(file)


def test_the_next_one_changes_nothing_until_it_is_taken(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    kept = keeper(file)
    first = kept.edition
    file.write_text("\n" + GOOD.replace("model_name: a", "model_name: b") + "router_settings: {num_retrie: 1}\n")
    edition = kept.next()
    assert edition is not None
    assert kept.edition is first
    kept.take(edition)
    assert kept.edition is edition
    assert (edition.number, next(iter(edition.snapshot.groups)), edition.restart) == (2, "b", ())
    assert "models: new b; gone a" in caplog.text
    assert "num_retrie" in caplog.text, "a warning that is new is told"
    assert "A_KEY is not set" not in caplog.text, "it was told before, of another line"


def test_a_bad_one_is_told_and_forgotten_when_it_is_mended(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = keeper(file)
    first = kept.edition
    file.write_text(GOOD + "router_settings: 7\n")
    with pytest.raises(ConfigInvalid) as bad:
        kept.next()
    kept.refuse(bad.value)
    assert kept.edition is first
    assert kept.refused is not None
    assert "config.yaml:2" in kept.refused.message
    assert "the one in use since 1 goes on: config.yaml:2" in caplog.text
    file.write_text(GOOD)
    assert kept.next() is None
    kept.same()
    assert kept.refused is None


def test_a_defect_of_ours_refuses_too_and_is_logged(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken: list[bool] = []

    def read(opened: list[Path]) -> Snapshot:
        if broken:
            raise ZeroDivisionError
        return load(file, {}, opened=opened)

    kept = Keeper(read, lambda: "")
    broken.append(True)
    with pytest.raises(ConfigInvalid, match="ZeroDivisionError"):
        kept.next()
    assert "Traceback" in caplog.text


def test_what_is_bound_at_the_start_is_compared_with_the_start(file: Path) -> None:
    kept = keeper(file)
    file.write_text(GOOD + "trunkline: {limits: {drain: 3, body: 100}}\n")
    edition = kept.next()
    assert edition is not None
    assert edition.restart == ("limits.drain",)
    kept.take(edition)
    file.write_text(GOOD + "trunkline: {limits: {body: 100}}\n")
    edition = kept.next()
    assert edition is not None
    assert edition.restart == ()


def test_a_short_key_that_is_changed_is_another_configuration(file: Path) -> None:
    values = {"A_KEY": "sk-12345"}
    kept = keeper(file, values)
    values["A_KEY"] = "sk-54321"
    edition = kept.next()
    assert edition is not None
    assert edition.snapshot.version == kept.edition.snapshot.version, "a digest of a short secret could be guessed back"


def test_all_that_was_read_is_watched(file: Path, tmp_path: Path) -> None:
    file.write_text(GOOD + "trunkline: {prices: prices.json}\n")
    (tmp_path / "prices.json").write_text("{}")
    shot = load(file, {})
    assert shot.files == (file, tmp_path / ".env", tmp_path / "prices.json")
    assert load(None, {}, cwd=tmp_path).files == (tmp_path / ".env",)
    (tmp_path / "prices.json").unlink()
    opened: list[Path] = []
    with pytest.raises(ConfigInvalid):
        load(file, {}, opened=opened)
    assert opened == list(shot.files), "known of one that is refused, too"


def test_a_change_is_due_after_it_stood_still(file: Path) -> None:
    time.sleep(0.1)
    kept = keeper(file)
    assert [kept.due(), kept.due()] == [False, False]
    (file.parent / ".env").write_text("A_KEY=sk-1")
    assert [kept.due(), kept.due()] == [False, True]
    assert kept.next() is not None
    assert [kept.due(), kept.due()] == [False, False]


def test_an_edition_passes_between_processes(file: Path) -> None:
    edition = keeper(file, {"A_KEY": "sk-1234567890"}).edition
    assert pickle.loads(pickle.dumps(edition)) == edition


A = deployment("a", model="m", base="https://a.test")


def test_differences_are_told_by_name_and_without_values() -> None:
    old = snapshot(A, deployment("b", model="n"), num_retries=1)
    elsewhere = replace(A, doors=deployment("a", model="m", base="https://secret.test").doors)
    assert told(old, snapshot(elsewhere, deployment("c-*", model="*"), num_retries=2)) == (
        "models: new c-*; gone b; changed a. settings: num_retries"
    )
    many = snapshot(*(deployment(f"x{each}", model="m") for each in range(12)))
    assert told(snapshot(), many).endswith("x7 and 4 more")
    moved = replace(
        A, where="config.yaml:9", key_where="config.yaml:10", key=Secret("sk-test-1", "config.yaml:10 api_key")
    )
    assert told(snapshot(A), snapshot(moved)) == "what it says is the same, written otherwise"


def test_deployments_that_lead_elsewhere_under_the_same_id() -> None:
    other_key = replace(A, key=Secret("sk-other", "A_KEY"))
    assert mended(snapshot(A), snapshot(other_key)) == {A.id}
    assert mended(snapshot(A), snapshot(replace(A, rpm=3), deployment("b", model="n"))) == frozenset()


def test_the_version_tells_what_matters_and_nothing_else() -> None:
    plain = version_of(snapshot(A))
    same = [
        snapshot(replace(A, where="config.yaml:7")),
        snapshot(A, file=Path("x.yaml"), files=(Path(".env"),), variables={"A": "b"}),
        snapshot(A, warnings=(ConfigWarning("x", "y"),)),
    ]
    assert {version_of(each) for each in same} == {plain}
    others = [
        snapshot(A, keep_rows=86400),
        snapshot(A, caching=Caching(operations=frozenset({"chat", "messages"}))),
        snapshot(A, limits=Limits(body=1)),
        snapshot(replace(A, headers=(("x-a", "1"),))),
        snapshot(replace(A, params={"temperature": 1})),
        snapshot(A, master_key=Secret("k" * 24, "X")),
        snapshot(A, master_key=Secret("l" * 24, "X")),
        snapshot(A, aliases={"b": "a"}),
    ]
    assert len({plain, *map(version_of, others)}) == len(others) + 1
    short = [snapshot(A, master_key=Secret(each, "X")) for each in ("sk-1234", "sk-4321")]
    assert version_of(short[0]) == version_of(short[1])


def test_the_version_is_the_same_in_every_process() -> None:
    script = (
        "from tests.unit.making import snapshot; from trunkline.config.schema import Caching;"
        "from trunkline.config.version import version_of;"
        "print(version_of(snapshot(caching=Caching(operations=frozenset({'chat','messages','responses'})))))"
    )
    runs = {subprocess.check_output([sys.executable, "-c", script], text=True) for _ in range(3)}
    assert len(runs) == 1
