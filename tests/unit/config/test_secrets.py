"""Placeholders are told from keys, and the right key is found."""

from __future__ import annotations

import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.catalog.providers import find
from trunkline.config.environment import Environment
from trunkline.config.secrets import fault, from_environment, from_file

PLACEHOLDERS = (
    """
<your-token>|your-api-key|sk-...|changeme|CHANGE_ME|change-me|xxx|XXXXXXXX|sk-xxxx|sk-ant-xxxxxxxx|os.environ/FOO|${FOO}
$FOO|{{ env.X }}|your_zai_api_key_here|YOUR_API_KEY|YourApiKey|sk-your-key|insert-key-here|replace-me|sk-|sk-ant-|none
replace_with_your_key|null|ZAI_API_KEY|sk-\u2026|****|put your key here|sk-ant-api03-xxxxxxxx|xxxxxxxx.xxxxxxxx
your-token|sk-ant-your-key-here|[your key]|"<YOUR_KEY>"|todo|your_secret_key|paste-key-here|placeholder
  |os.getenv("X")
""".strip()
    .replace("\n", "|")
    .split("|")
)

KEYS = (
    """
sk-1234|sk-test-1|sk-my_special_key|dummy|ollama|0123456789abcdef0123456789abcdef.ABCDEFGH12345678|gsk_abcXYZ
sk-ant-api03-AAbb_cc-dd-xxx-Your-9key-1|AIzaSyD-xxx1|sk-proj-a_b-c|not-needed|sk-changelog-2134-sdfj|anything
""".strip()
    .replace("\n", "|")
    .split("|")
)


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_is_no_key(value: str) -> None:
    assert fault(value)


@pytest.mark.parametrize("value", KEYS)
def test_what_may_be_a_key_is_believed(value: str) -> None:
    assert not fault(value)


@given(
    st.sampled_from(["sk-", "sk-ant-api03-", "sk-proj-", "gsk_", "xai-", "AIza", ""]),
    st.text(string.ascii_letters + string.digits + "-_", min_size=32, max_size=100),
)
def test_random_keys_are_never_placeholders(prefix: str, noise: str) -> None:
    # Shrinking makes runs of one letter, which no vendor hands out.
    if len(set(noise.lower())) > 8:
        assert not fault(prefix + noise + secrets.token_hex(4))


def test_the_missing_variable_and_the_page_are_named() -> None:
    zai = find("zai")
    assert zai
    missing = from_environment(zai, Environment({})).missing
    assert "ZAI_API_KEY" in missing
    assert zai.key_page in missing


def test_a_placeholder_is_passed_over_for_a_real_key() -> None:
    zai = find("zai")
    assert zai
    found = from_environment(zai, Environment({"ZAI_API_KEY": "<your-token>", "Z_AI_API_KEY": "sk-test-9"}))
    assert found.key
    assert found.key.source == "Z_AI_API_KEY"


def test_quotes_and_blanks_around_a_key_are_no_part_of_it() -> None:
    zai = find("zai")
    assert zai
    found = from_file(' "sk-test-1" ', "", "c.yaml:4", zai, Environment({}))
    assert found.key
    assert found.key.value == "sk-test-1"
    assert found.key.source == "c.yaml:4 api_key"
    assert "sk-test-1" not in repr(found)
