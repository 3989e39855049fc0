"""The files as they are: they start without a doubt, on 8001, with Ollama beside them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import yaml

from tests.harness import Gateway, GatewayDied
from tests.wall.system_b.service import EXAMPLE, FILE, Providers, service
from trunkline.cli.config_path import MOUNTED


def test_the_files_start_as_they_are_and_nothing_in_them_is_doubted(fakes: Providers) -> None:
    with service(fakes) as gateway:
        assert gateway.stderr == ""


def test_the_compose_file_has_ollama_beside_it_and_pulls_its_model_on_the_first_start() -> None:
    services = yaml.safe_load((EXAMPLE / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    own, ollama, pull = services["trunkline"], services["ollama"], services["pull"]
    assert own["ports"] == ["127.0.0.1:8001:8001"]
    assert "command" not in own, "neither command nor port is needed"
    assert "./config:/app/config:ro" in own["volumes"] and Path("/app") / FILE in MOUNTED
    assert ollama["image"] == "ollama/ollama"
    assert ollama["environment"] == {"OLLAMA_NUM_PARALLEL": "1"}
    assert ollama["volumes"] == ["ollama:/root/.ollama"]
    assert ollama["healthcheck"]["test"] == ["CMD", "ollama", "list"]
    assert (pull["command"], pull["volumes"]) == (["pull"], own["volumes"][:1])
    assert pull["depends_on"]["ollama"] == {"condition": "service_healthy"}


def test_without_a_flag_it_listens_on_8001(fakes: Providers, tmp_path: Path) -> None:
    # Whoever has that port, the test or somebody else, the service must name it.
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 8001))
            taken.listen()
        except OSError:
            pass
        text = (EXAMPLE / FILE).read_text(encoding="utf-8")
        with pytest.raises(GatewayDied, match="8001"):
            Gateway(text, name=FILE, env=fakes.environment, port=None, home=tmp_path).start()
