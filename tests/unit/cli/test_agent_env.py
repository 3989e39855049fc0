"""What agents are told."""

from __future__ import annotations

import json
import tomllib

from trunkline.cli import agent_env
from trunkline.cli.gateway import Gateway
from trunkline.cli.tiers import Tiers

GATEWAY = Gateway("http://127.0.0.1:4000", "sk-test-1")
TIERS = Tiers("big", "middle", "small")


def test_claude_code_gets_one_credential_and_the_other_is_emptied() -> None:
    told = agent_env.for_claude(GATEWAY, TIERS, "", {"ANTHROPIC_API_KEY": "sk-ant-of-the-person"})
    assert told["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:4000"
    assert told["ANTHROPIC_AUTH_TOKEN"] == "sk-test-1"
    assert told["ANTHROPIC_API_KEY"] == ""
    assert told["CLAUDE_CODE_USE_BEDROCK"] == ""


def test_every_tier_and_the_small_model_of_the_old_line_are_mapped() -> None:
    told = agent_env.for_claude(GATEWAY, TIERS, "", {})
    assert told["ANTHROPIC_MODEL"] == told["ANTHROPIC_DEFAULT_OPUS_MODEL"] == "big"
    assert told["ANTHROPIC_DEFAULT_SONNET_MODEL"] == "middle"
    assert told["ANTHROPIC_DEFAULT_HAIKU_MODEL"] == told["ANTHROPIC_SMALL_FAST_MODEL"] == "small"
    assert told["API_TIMEOUT_MS"] == "3000000"


def test_a_gateway_without_a_key_still_gives_the_agent_something_to_send() -> None:
    told = agent_env.for_claude(Gateway("http://127.0.0.1:4000"), None, "", {})
    assert told["ANTHROPIC_AUTH_TOKEN"] == agent_env.NO_KEY
    assert "ANTHROPIC_MODEL" not in told


def test_loopback_is_added_to_what_needs_no_proxy() -> None:
    told = agent_env.no_proxy({"NO_PROXY": "corp.example, localhost"})
    assert told["NO_PROXY"] == told["no_proxy"] == "corp.example,localhost,127.0.0.1,::1"


def test_settings_of_the_person_stay_and_ours_win_in_env() -> None:
    mine = {"permissions": {"allow": ["Bash"]}, "env": {"ANTHROPIC_BASE_URL": "https://elsewhere", "FOO": "1"}}
    read = json.loads(agent_env.with_env(mine, {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}))
    assert read["permissions"] == {"allow": ["Bash"]}
    assert read["env"] == {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000", "FOO": "1"}


def test_the_person_s_own_settings_flag_is_found_and_taken_out() -> None:
    assert agent_env.settings_of(["-p", "hi"]) == (None, ["-p", "hi"])
    assert agent_env.settings_of(["--settings", "a.json", "-p"]) == ("a.json", ["-p"])
    assert agent_env.settings_of(["--settings={}", "--settings", "b"]) == ("b", [])
    assert agent_env.settings_of(["--", "--settings", "x"]) == (None, ["--", "--settings", "x"])


def test_codex_is_configured_on_its_command_line_in_toml() -> None:
    told, arguments = agent_env.for_codex(GATEWAY, 'odd "name"', {})
    assert told["TRUNKLINE_API_KEY"] == "sk-test-1"
    assert "sk-test-1" not in " ".join(arguments)
    assert arguments[0::2] == ["-c"] * (len(arguments) // 2)
    read = tomllib.loads("\n".join(arguments[1::2]))
    assert read["model_provider"] == "trunkline"
    assert read["model"] == 'odd "name"'
    assert read["model_providers"]["trunkline"]["base_url"] == "http://127.0.0.1:4000/v1"
    assert read["model_providers"]["trunkline"]["wire_api"] == "responses"
    assert read["model_providers"]["trunkline"]["env_key"] == "TRUNKLINE_API_KEY"
