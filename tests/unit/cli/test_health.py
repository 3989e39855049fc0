"""`trunkline health`: an exit code for health checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.cli.fake_gateway import FakeGateway
from trunkline.cli.health import verb
from trunkline.serve import whereabouts


def asked(home: Path, *args: str) -> tuple[int, str]:
    ran = CliRunner().invoke(verb, args, env={"TRUNKLINE_HOME": str(home)}, standalone_mode=False)
    return ran.return_value, ran.output


def test_the_gateway_of_this_home_is_found_wherever_it_listens(tmp_path: Path) -> None:
    with FakeGateway(home=tmp_path) as fake:
        whereabouts.publish(tmp_path, [fake.url])
        assert asked(tmp_path) == (0, f"{fake.url}: alive.\n")
        assert asked(tmp_path, "--url", fake.url)[0] == 0
    assert asked(tmp_path) == (1, f"{fake.url}: nothing answers.\n")


def test_where_none_has_started_there_is_none(tmp_path: Path) -> None:
    code, told = asked(tmp_path)
    assert code == 1
    assert str(tmp_path) in told


@pytest.mark.parametrize(("service", "told"), [("trunkline", "not the one of this"), ("nginx", "no Trunkline")])
def test_what_only_listens_there_does_not_count(tmp_path: Path, service: str, told: str) -> None:
    with FakeGateway(home=tmp_path / "other", service=service) as fake:
        whereabouts.publish(tmp_path, [fake.url])
        code, said = asked(tmp_path)
    assert code == 1
    assert told in said
