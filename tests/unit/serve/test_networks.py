"""Which networks a container stands in, by Linux's own tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from trunkline.errors import ConfigInvalid
from trunkline.serve.networks import neighbours

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth1\t0000A8C0\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0
eth1\t0000010A\t0100A8C0\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0
"""
NONE, ZERO = "0" * 32, "00000000"
ROUTES_6 = f"""\
fd000001{"0" * 24} 40 {NONE} 00 {NONE} 00000100 00000001 00000000 00000001     eth0
fe80{"0" * 28} 40 {NONE} 00 {NONE} 00000100 00000002 00000000 00000001     eth0
{NONE} 00 {NONE} 00 fd000001{"0" * 23}1 00000400 00000002 00000000 00000003     eth0
{"0" * 31}1 80 {NONE} 00 {NONE} 00000000 00000002 00000000 80200001       lo
ff{"0" * 30} 08 {NONE} 00 {NONE} 00000100 00000003 00000000 00000001     eth0
"""


def folder(tmp_path: Path) -> Path:
    (tmp_path / "route").write_text(ROUTES)
    (tmp_path / "ipv6_route").write_text(ROUTES_6)
    return tmp_path


def test_what_is_reached_without_a_router_is_near(tmp_path: Path) -> None:
    found = [str(network) for network in neighbours({}, folder(tmp_path))]
    assert found == ["172.18.0.0/16", "192.168.0.0/20", "fd00:1::/64", "fe80::/64"]


def test_what_the_operator_allows_is_near_too(tmp_path: Path) -> None:
    given = {"TRUNKLINE_ALLOWED_IPS": "10.9.8.7, 192.168.1.77/24 2001:db8::/32"}
    found = [str(network) for network in neighbours(given, folder(tmp_path))]
    assert found[-3:] == ["10.9.8.7/32", "192.168.1.0/24", "2001:db8::/32"]


def test_a_machine_without_these_tables_has_no_neighbours(tmp_path: Path) -> None:
    assert neighbours({}, tmp_path) == ()


def test_this_machines_own_tables_are_read() -> None:
    assert all(network.prefixlen > 0 for network in neighbours({}))


@pytest.mark.parametrize("word", ["office", "10.0.0.0/33", "1.2.3"])
def test_what_is_no_network_refuses_to_start(tmp_path: Path, word: str) -> None:
    with pytest.raises(ConfigInvalid, match="TRUNKLINE_ALLOWED_IPS") as refused:
        neighbours({"TRUNKLINE_ALLOWED_IPS": word}, tmp_path)
    assert "192.168.1.0/24" in refused.value.remedy
