"""Z.AI and its mainland twin BigModel: one account, several doors, and the door decides which pot is charged.

Pay-as-you-go is `/api/paas/v4`. The Coding Plan is `/api/coding/paas/v4`, `/api/anthropic` and, for Codex, `/api/v1`.
Keys of the two hosts are not interchangeable. Sources: docs.z.ai/api-reference/introduction, docs.z.ai/devpack/faq,
docs.z.ai/devpack/tool/codex, docs.bigmodel.cn/cn/coding-plan/tool, docs.bigmodel.cn/api-reference (2026-11-20).
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.catalog.provider import Endpoint, Plan, Provider, Region
from trunkline.model.wires import Wire

INTL = "https://api.z.ai"
CN = "https://open.bigmodel.cn"


def _payg(host: str) -> dict[Wire, Endpoint]:
    return {"openai_chat": Endpoint(f"{host}/api/paas/v4")}


def _coding(host: str) -> dict[Wire, Endpoint]:
    return {
        "openai_chat": Endpoint(f"{host}/api/coding/paas/v4"),
        "anthropic": Endpoint(f"{host}/api/anthropic"),
        "openai_responses": Endpoint(f"{host}/api/v1"),
    }


def _unset(host: str) -> dict[Wire, Endpoint]:
    """No plan was named: each client's format starts at the door where that format usually lives."""
    return {**_payg(host), "anthropic": Endpoint(f"{host}/api/anthropic")}


_VARIANTS: Mapping[tuple[Plan, Region], Mapping[Wire, Endpoint]] = {
    ("", "intl"): _unset(INTL),
    ("payg", "intl"): _payg(INTL),
    ("coding", "intl"): _coding(INTL),
    ("", "cn"): _unset(CN),
    ("payg", "cn"): _payg(CN),
    ("coding", "cn"): _coding(CN),
}

ZAI_ROWS: tuple[Provider, ...] = (
    Provider(
        name="zai",
        search=10_000_000,  # $0.01 a use: docs.z.ai/guides/overview/pricing, 2026-11
        leaks=True,
        title="Z.AI",
        endpoints=_unset(INTL),
        variants=_VARIANTS,
        aliases=("z-ai", "z.ai"),
        key_names=("ZAI_API_KEY", "Z_AI_API_KEY"),
        base_names=("ZAI_API_BASE", "ZAI_BASE_URL"),
        key_page="https://z.ai/manage-apikey/apikey-list",
        asks_usage=False,
        source="docs.z.ai/api-reference/introduction and /devpack/tool/codex, 2026-11-20; names: LiteLLM 1.109.1",
    ),
    Provider(
        name="bigmodel",
        leaks=True,
        title="BigModel (Zhipu, mainland China)",
        endpoints=_unset(CN),
        variants={(plan, region): _VARIANTS[plan, "cn"] for plan, region in _VARIANTS},
        aliases=("zhipu", "zhipuai"),
        key_names=("BIGMODEL_API_KEY", "ZHIPUAI_API_KEY", "ZHIPU_API_KEY"),
        base_names=("BIGMODEL_API_BASE",),
        key_page="https://open.bigmodel.cn/usercenter/apikeys",
        asks_usage=False,
        source="docs.bigmodel.cn/cn/coding-plan/tool, 2026-11-20; names: LiteLLM 1.109.1, zhipuai SDK",
    ),
)
