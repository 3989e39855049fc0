"""Every kind of key at every address of Z.AI's, at its real names behind a proxy: what the doctor says, and the fix."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import trustme

from tests.fake import FakeProvider
from tests.wall.examining import Found, doctor, models, server_tls
from tests.wall.relay import ConnectProxy

KEYS = {
    "PREPAID": "k-prepaid-0001",
    "PLAN": "k-plan-0002",
    "NOTHING": "k-nothing-0003",
    "CN_PREPAID": "k-cn-prepaid-0004",
    "CN_PLAN": "k-cn-plan-0005",
    "NOBODY": "k-nobody-0006",
}

ZAI = "https://api.z.ai/api"
CN = "https://open.bigmodel.cn/api"

CASES: dict[str, tuple[str, str, str, str, tuple[str, ...]]] = {
    # name: what is configured, key → state, code, words of the finding and its remedy
    "prepaid at the balance": ("model: zai/glm-4.6", "PREPAID", "ok", "", ("answered",)),
    "prepaid, payg said": ("model: zai/glm-4.6, plan: payg", "PREPAID", "ok", "", ("answered",)),
    "prepaid at the plan's chat": (
        "model: zai/glm-4.6, plan: coding", "PREPAID", "fail", "zai.wrong_pot",
        ("1309", f"{ZAI}/coding/paas/v4", "write `plan: payg` beside the model", "renew the plan"),
    ),
    "prepaid at the plan's messages": (
        f'model: anthropic/glm-4.6, api_base: "{ZAI}/anthropic"', "PREPAID", "warn", "zai.other_pot",
        ("1309", f"works at {ZAI}/paas/v4", f"api_base: {ZAI}/paas/v4"),
    ),
    "prepaid with Claude's name": (
        "model: zai/claude-3-5-sonnet", "PREPAID", "fail", "zai.wrong_pot", ("1309", "zai/glm-5.3", "plan: payg"),
    ),
    "plan at the balance": (
        "model: zai/glm-4.6", "PLAN", "warn", "zai.other_pot",
        ("1113", f"works at {ZAI}/coding/paas/v4", "write `plan: coding` beside the model"),
    ),
    "a plan, the balance written out": (
        f'model: zai/glm-4.7-flash, api_base: "{ZAI}/paas/v4"', "PLAN", "warn", "zai.other_pot",
        ("1113", f"write `api_base: {ZAI}/coding/paas/v4` beside the model"),
    ),
    "international, the mainland written out": (
        f'model: z-ai/glm-4-flash, api_base: "{CN}/paas/v4/"', "PREPAID", "fail", "zai.other_region",
        ("an international key", f"`api_base: {ZAI}/paas/v4`"),
    ),
    "plan, payg said": (
        "model: zai/glm-4.6, plan: payg", "PLAN", "fail", "zai.wrong_pot",
        ("1113", f"{ZAI}/paas/v4", "write `plan: coding` beside the model", "put money on the account"),
    ),
    "plan at the plan's chat": ("model: zai/glm-4.6, plan: coding", "PLAN", "ok", "", ("answered",)),
    "plan at the plan's messages": (
        f'model: anthropic/glm-4.6, api_base: "{ZAI}/anthropic"', "PLAN", "ok", "", ("answered",),
    ),
    "plan with Claude's name": ("model: zai/claude-3-5-sonnet", "PLAN", "ok", "", ("answered",)),
    "nothing anywhere": (
        "model: zai/glm-4.6", "NOTHING", "fail", "zai.no_pot", ("1113", "1309", "Put money on the account, or subscribe"),
    ),
    "mainland at the international address": (
        "model: zai/glm-4.6", "CN_PREPAID", "fail", "zai.other_region",
        ("api.z.ai does not accept", "open.bigmodel.cn does", "a mainland key", "Write `region: cn` beside the model"),
    ),
    "mainland plan at the international messages": (
        f'model: anthropic/glm-4.6, api_base: "{ZAI}/anthropic"', "CN_PLAN", "fail", "zai.other_region",
        ("a mainland key", f"Write `api_base: {CN}/anthropic`"),
    ),
    "mainland plan at the international plan": (
        "model: zai/glm-4.6, plan: coding", "CN_PLAN", "fail", "zai.other_region", ("mainland", "`region: cn`"),
    ),
    "mainland at home": ("model: zai/glm-4.6, region: cn", "CN_PREPAID", "ok", "", ("answered",)),
    "mainland by its own prefix": ("model: zhipu/glm-4.6, plan: payg", "CN_PREPAID", "ok", "", ("answered",)),
    "mainland plan at the mainland balance": (
        "model: zai/glm-4.6, region: cn, plan: payg", "CN_PLAN", "fail", "zai.wrong_pot",
        ("1113", f"{CN}/paas/v4", "`plan: coding`"),
    ),
    "mainland prepaid at the mainland plan": (
        "model: zai/glm-4.6, region: cn, plan: coding", "CN_PREPAID", "fail", "zai.wrong_pot",
        ("1309", f"{CN}/coding/paas/v4", "`plan: payg`"),
    ),
    "international at the mainland address": (
        "model: zai/glm-4.6, region: cn", "PREPAID", "fail", "zai.other_region",
        ("open.bigmodel.cn does not accept", "an international key", "`region: intl`"),
    ),
    "international by the mainland's prefix": (
        "model: zhipu/glm-4.6", "PLAN", "fail", "zai.other_region",
        ("an international key", "`model: zai/glm-4.6`", "ZAI_API_KEY"),
    ),
    "nobody's": (
        "model: zai/glm-4.6", "NOBODY", "fail", "zai.key",
        ("1000", "neither does open.bigmodel.cn", "https://z.ai/manage-apikey/apikey-list", "NOBODY"),
    ),
    "a wrong name": (
        "model: zai/missing-glm-4.6", "PREPAID", "fail", "zai.model", ("1211", "Did you mean `glm-4.6`?"),
    ),
    "Claude's name at the chat address": (
        "model: zai/claude-3-opus, plan: payg", "PREPAID", "fail", "zai.claude_name", ("1211", "`plan: coding`"),
    ),
    "a mainland model": ("model: zai/glm-4-plus", "PREPAID", "fail", "zai.other_catalog", ("Only open.bigmodel.cn",)),
    "not in the plan": (
        "model: zai/glm-5.3-flashx, plan: coding", "PLAN", "fail", "zai.not_in_plan", ("1311", "glm-5.3", "`plan: payg`"),
    ),
    "too many at once": ("model: zai/glm-4.5", "PREPAID", "warn", "zai.busy", ("1302", "accepted")),
    "overloaded": ("model: zai/glm-4.5-air", "PREPAID", "warn", "zai.busy", ("1305",)),
    "used up for now": ("model: zai/glm-4.7", "PREPAID", "warn", "zai.used_up", ("2026-12-01 08:00:00",)),
    "used up for the week": ("model: zai/glm-5", "PREPAID", "warn", "zai.used_up", ("1310",)),
    "fair use": ("model: zai/glm-5.1", "PREPAID", "fail", "zai.fair_use", ("1313", "usage-policy")),
    "locked": ("model: zai/glm-5.2", "PREPAID", "fail", "zai.locked", ("1112",)),
    "a plan's own no": ("model: zai/glm-5-turbo", "PREPAID", "fail", "zai.plan_says_no", ("1316",)),
    "not offered": ("model: zai/glm-4.5v", "PREPAID", "fail", "zai.not_offered", ("1220",)),
    "refused": ("model: zai/glm-4.5-x", "PREPAID", "fail", "zai.refused", ("1210", "extra_body")),
    "failed": ("model: zai/glm-4.5-airx", "PREPAID", "warn", "zai.failed", ("1234",)),
}  # fmt: skip

SAID = {
    "claude-3-opus": (400, "1211", "Unknown Model, please check the model code."),
    "glm-4-plus": (400, "1211", "Unknown Model, please check the model code."),
    "glm-5.3-flashx": (429, "1311", "The model is not included in your plan."),
    "glm-4.5": (429, "1302", "Rate limit reached for requests"),
    "glm-4.5-air": (429, "1305", "The model is temporarily overloaded."),
    "glm-4.7": (429, "1308", "Usage limit reached. Your limit will reset at 2026-12-01 08:00:00"),
    "glm-5": (429, "1310", "Weekly limit exhausted."),
    "glm-5.1": (429, "1313", "Fair use restriction."),
    "glm-5.2": (429, "1112", "Account locked."),
    "glm-5-turbo": (429, "1316", "Plan limit."),
    "glm-4.5v": (403, "1220", "No permission."),
    "glm-4.5-x": (400, "1210", "Wrong parameters."),
    "glm-4.5-airx": (500, "1234", "Network error."),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    home = tmp_path_factory.mktemp("zai")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(home / "authority.pem"))
    at_home = [KEYS[name] for name in ("PREPAID", "PLAN", "NOTHING")]
    abroad = [KEYS[name] for name in ("CN_PREPAID", "CN_PLAN")]
    pots = {KEYS["PREPAID"]: "payg", KEYS["PLAN"]: "coding", KEYS["CN_PREPAID"]: "payg", KEYS["CN_PLAN"]: "coding"}
    config = models(*((name, f"{params}, api_key: os.environ/{key}") for name, (params, key, *_) in CASES.items()))
    with (
        FakeProvider(keys=at_home, pots=pots, tls=server_tls(authority, "api.z.ai")) as zai,  # type: ignore[arg-type]
        FakeProvider(keys=abroad, pots=pots, tls=server_tls(authority, "open.bigmodel.cn")) as cn,  # type: ignore[arg-type]
        ConnectProxy({"api.z.ai:443": zai.port, "open.bigmodel.cn:443": cn.port}) as proxy,
    ):
        for model, (status, code, message) in SAID.items():
            zai.program({"status": status, "code": code, "message": message, "model": model, "times": -1})
        for path, code in (("/api/paas/v4/chat", "1113"), ("/api/coding/paas/v4/chat", "1309")):
            zai.program({"status": 429, "code": code, "key": KEYS["NOTHING"], "path": path, "times": -1})
        env = {**KEYS, "HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": str(home / "authority.pem")}
        yield doctor(home, config, env=env)
        asked = {one.path for one in (*zai.requests, *cn.requests) if one.method == "GET"}
        assert {path.rpartition("/")[2] for path in asked} == {"models"}, "beside the calls only lists are asked for"
        assert set(proxy.asked) == {"api.z.ai:443", "open.bigmodel.cn:443"}, "keys go to no other vendor"


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of(found: Found, name: str) -> None:
    _, _, state, code, words = CASES[name]
    (row,) = [row for row in found.all("call") if name in row["seen"].partition(")")[0]]
    assert (row["state"], row["code"]) == (state, code), row
    said = f"{row['seen']} → {row['remedy']}"
    for word in words:
        assert word in said


def test_every_row_that_is_not_well_has_a_remedy_and_no_key_in_it(found: Found) -> None:
    for row in found.rows:
        assert row["remedy"] or row["state"] in ("ok", "note"), row
        assert not any(key in str(row) for key in KEYS.values())
    assert not any(key in found.said for key in KEYS.values())


def test_it_says_beforehand_that_it_costs_and_afterwards_what(found: Found) -> None:
    assert "a fraction of a cent" in found.said
    assert found.code == 1
    paid = [row for row in found.all("call") if row["state"] == "ok"]
    assert all("$" in row["seen"] and 0 <= row["cost_usd"] < 0.001 for row in paid)
    assert sum(row["cost_usd"] for row in paid) > 0
    assert all(row["cost_usd"] == 0 for row in found.all("call") if row["state"] == "fail")


def test_the_proxy_on_the_way_is_named(found: Found) -> None:
    assert found.one("proxy")["state"] == "ok"
    assert "HTTPS_PROXY" in found.one("proxy")["seen"]
