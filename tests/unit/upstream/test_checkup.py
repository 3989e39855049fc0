"""Whom the health checks ask, what they make of it, and what they leave alone."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Deployment, Door, Secret, Snapshot
from trunkline.errors import Failure, ProviderUnreachable
from trunkline.state.lock import FileLock
from trunkline.state.types import Circuit
from trunkline.upstream import checkup as module
from trunkline.upstream.checkup import KIND, Checkup, after_check, circuit_of, endpoints, targets
from trunkline.upstream.pool import Outgoing

T0 = 1_795_000_000.0


class Answer:
    def __init__(self, status: int) -> None:
        self.status, self.closed = status, False
        self.headers: list[tuple[str, str]] = []
        self.lost: tuple[str, ...] = ()

    async def read(self) -> bytes:
        return b""

    def close(self) -> None:
        self.closed = True


class Pool:
    """Answers by host."""

    def __init__(self, **said: int | Failure | float) -> None:
        self.said, self.asked = said, []  # type: ignore[var-annotated]
        self.answers: list[Answer] = []

    async def send(self, outgoing: Outgoing) -> Answer:
        self.asked.append(outgoing)
        said = next(value for host, value in self.said.items() if f"//{host}." in outgoing.url)
        if isinstance(said, Failure):
            raise said
        if isinstance(said, float):
            await asyncio.sleep(said)
        self.answers.append(Answer(int(said)))
        return self.answers[-1]


class Circuits(dict[str, Circuit]):
    def mend(
        self, name: str, change: Callable[[Circuit | None], Circuit | None], /
    ) -> tuple[Circuit | None, Circuit | None]:
        before = self.pop(name, None)
        after = change(before)
        if after is not None:
            self[name] = after
        return before, after


def at(host: str, group: str = "m", **more: Any) -> Deployment:
    return deployment(group, model=f"{host}-model", base=f"https://{host}.test", **more)


def check(shot: Snapshot, pool: Pool, circuits: Circuits, tmp_path: Path, now: float = T0) -> list[str]:
    """One check; the lines it logged."""
    lines: list[str] = []

    def tell(level: str, event: str, fields: list[tuple[str, object]]) -> None:
        lines.append(f"{level} {event} " + " ".join(f"{name}={value}" for name, value in fields))

    checked = Checkup(pool, circuits, FileLock(tmp_path / "check.lock"), lambda: shot, lambda: now, tell)
    asyncio.run(checked.once())
    return lines


def test_each_address_and_key_is_asked_once_for_the_list_of_its_models() -> None:
    other = Secret("sk-test-2", "OTHER_KEY")
    shot = snapshot(
        at("a"), at("a", "n"), at("a", "o", key=other), at("b", "p", provider="openai"), at("c", "q", provider="ollama"),
        at("d", "r", provider="gemini"), at("e", "s", key_missing="no key"), deployment("t", model="echo", provider="demo"),
        at("f", "u", info={"disable_background_health_check": True}), at("g", "v-*"),
    )  # fmt: skip
    found = [(each.url, [one.group for one in each.deployments]) for each in targets(shot)]
    assert found == [
        ("https://a.test/v1/models", ["m", "n"]),
        ("https://a.test/v1/models", ["o"]),
        ("https://b.test/models", ["p"]),
        ("https://c.test/api/tags", ["q"]),
        ("https://d.test/models", ["r"]),
        ("https://g.test/v1/models", ["v-*"]),
    ]
    asked = [each for each in targets(shot) if "//a." in each.url]
    assert [dict(each.headers)["x-api-key"] for each in asked] == ["sk-test-1", "sk-test-2"]
    assert "sk-test" not in repr(asked)


def test_azure_is_asked_for_the_list_of_its_resource() -> None:
    row = at("z", provider="azure")
    row = replace(row, doors={wire: Door("https://z.test/openai/deployments/x", "api-key") for wire in row.doors})
    assert targets(snapshot(row))[0].url == "https://z.test/openai/v1/models"


@pytest.mark.parametrize("status", [200, 301, 401, 403, 404, 429])
def test_any_answer_below_500_is_well(status: int, tmp_path: Path) -> None:
    pool, circuits = Pool(a=status), Circuits()
    assert check(snapshot(at("a"), health_every=30.0), pool, circuits, tmp_path) == []
    assert not circuits
    assert all(each.closed for each in pool.answers)
    assert [each.method for each in pool.asked] == ["GET"]


def test_what_is_not_well_is_told_once_and_comes_back(tmp_path: Path) -> None:
    shot = snapshot(at("a"), at("b", "n"), health_every=30.0)
    circuits = Circuits()
    (line,) = check(shot, Pool(a=503, b=200), circuits, tmp_path)
    assert line.startswith("warning health provider=Anthropic")
    assert "state=unhealthy" in line
    assert "answered 503" in line
    name = circuit_of(at("a"))
    assert circuits.keys() == {name}
    assert (circuits[name].kind, circuits[name].until) == (KIND, T0 + 65)
    assert check(shot, Pool(a=503, b=200), circuits, tmp_path, T0 + 30) == []
    assert (circuits[name].until, circuits[name].fails) == (T0 + 95, 2)
    told = endpoints(shot, circuits, T0 + 31)
    assert (told["healthy_count"], told["unhealthy_count"]) == (1, 1)
    assert "503" in told["unhealthy_endpoints"][0]["error"]
    (line,) = check(shot, Pool(a=200, b=200), circuits, tmp_path, T0 + 60)
    assert "state=healthy" in line
    assert not circuits


def test_nobody_there_and_no_answer_are_not_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 0.05)
    gone = ProviderUnreachable("a.test refused the connection with sk-test-1.", remedy=errno.errorcode[111])
    lines = check(snapshot(at("a"), at("b", "n"), health_every=30.0), Pool(a=gone, b=5.0), Circuits(), tmp_path)
    assert len(lines) == 2
    assert "refused the connection" in lines[0]
    assert "sk-test-1" not in lines[0]
    assert "did not list its models within 0.05 s" in lines[1]


def test_what_attempts_found_out_is_left_alone_while_it_rests() -> None:
    resting = Circuit(1, T0, 1, T0 + 20, 0.0, "auth", "the key is dead")
    assert after_check(resting, "", T0, T0 + 65) is resting
    assert after_check(resting, "gone", T0, T0 + 65) is resting
    over = after_check(resting, "gone", T0 + 21, T0 + 65)
    assert over is not None
    assert over.kind == KIND
    assert after_check(over, "", T0 + 30, T0 + 95) is None
    assert after_check(None, "", T0, T0 + 65) is None


def test_one_worker_checks_and_another_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST", 0.01)
    shot = snapshot(at("a"), health_every=0.02)

    async def run() -> None:
        pools = [Pool(a=200), Pool(a=200)]
        checks = [
            Checkup(pool, Circuits(), FileLock(tmp_path / "check.lock"), lambda: shot, lambda: T0, lambda *_: None)
            for pool in pools
        ]
        for each in checks:
            each.start(asyncio.get_running_loop())
        await asyncio.sleep(0.15)
        assert pools[0].asked
        assert not pools[1].asked
        await checks[0].stop()
        await asyncio.sleep(0.1)
        assert pools[1].asked
        await checks[1].stop()

    asyncio.run(run())


def test_another_configuration_is_checked_at_once(tmp_path: Path) -> None:
    shots = [snapshot(at("a"), health_every=3600.0)]
    pool, circuits = Pool(a=200, b=503), Circuits()

    async def changed() -> None:
        lock = FileLock(tmp_path / "check.lock")
        checkup = Checkup(pool, circuits, lock, lambda: shots[-1], lambda: T0, lambda *_: None)
        checkup.start(asyncio.get_running_loop())
        async with asyncio.timeout(20):
            while not pool.asked:
                await asyncio.sleep(0.01)
            shots.append(snapshot(at("b"), health_every=3600.0))
            checkup.wake()
            while not circuits:
                await asyncio.sleep(0.01)
        await checkup.stop()

    asyncio.run(changed())
    assert circuits.keys() == {circuit_of(at("b"))}
