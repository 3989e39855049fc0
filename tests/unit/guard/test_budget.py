"""Which budgets a call counts on, and what is said when they have no room."""

from __future__ import annotations

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Allowance, Allowances
from trunkline.guard.budget import budgets_of, called, caps, crowded, exhausted, shared
from trunkline.guard.grant import Budget, Grant
from trunkline.guard.keys import Caller
from trunkline.state.balances import Shared, Spent
from trunkline.state.types import Cap

NOW = 1_795_788_000.0
GLM = deployment("glm", model="glm-5.3", provider="zai", allowance=Allowance(5, "24h"))
STAR = deployment("zai/*", model="*", provider="zai")
ALL = Allowances(
    Allowance(100, "1mo"),
    {"zai": Allowance(20, "1d"), "openai": Allowance(1)},
    {"glm": Allowance(10), "zai/*": Allowance(9)},
    Allowance(2),
    Allowance(3),
)
GRANT = Grant(
    key="k1",
    budgets=(Budget("key:k1", 7), Budget("team:t", 8, "7d"), Budget("key:k1|group:glm", 4, "", group="glm")),
)


def test_a_call_counts_on_every_budget_it_belongs_to() -> None:
    shot = snapshot(GLM, STAR, allowances=ALL)
    found = budgets_of(shot, Caller("k1", grant=GRANT), GLM, ("glm", "my-glm"), "s", "ada")
    assert {(each.name, each.cap, each.period) for each in found} == {
        ("all", 100, "1mo"),
        ("provider:zai", 20, "1d"),
        (f"deployment:{GLM.id}", 5, "24h"),
        ("group:glm", 10, ""),
        ("session:s", 3, ""),
        ("end:ada", 2, ""),
        ("key:k1", 7, ""),
        ("team:t", 8, "7d"),
        ("key:k1|group:glm", 4, ""),
    }
    other = budgets_of(shot, Caller("k1", grant=GRANT), STAR, ("zai/glm-4", "zai/glm-4"), "", "")
    assert [each.name for each in other] == ["all", "provider:zai", "group:zai/*", "key:k1", "team:t"]


def test_nothing_counts_where_nothing_is_set() -> None:
    assert budgets_of(snapshot(STAR), Caller(), STAR, ("a", "a"), "s", "ada") == []


def test_a_share_is_nano_dollars_until_no_fallback_can_answer() -> None:
    shot = snapshot(GLM, allowances=Allowances(groups={"glm": Allowance(11, "", 80)}))
    budgets = [each for each in budgets_of(shot, Caller(), GLM, ("glm", "glm"), "", "") if each.name == "group:glm"]
    assert [each.share for each in caps(budgets, 1, NOW, value=False)] == [9]
    assert [each.share for each in caps(budgets, 1, NOW, value=False, whole=True)] == [0]
    said = shared(Shared(Cap("group:glm", "", 0, 0, 11_000_000_000, 1), 9_000_000_000, 0))
    assert said.message == "The budget of the model glm is spent up to its `fallback_at`: $9 of $11."


def test_of_two_budgets_of_one_name_the_smaller_holds() -> None:
    grant = Grant(key="k", budgets=(Budget("end:ada", 5), Budget("end:ada", 1), Budget("end:ada", 9, "7d")))
    shot = snapshot(STAR, allowances=Allowances(end_user=Allowance(3)))
    found = budgets_of(shot, Caller("k", grant=grant), STAR, ("a", "a"), "", "ada")
    assert [(each.cap, each.period) for each in found] == [(1, ""), (9, "7d")]


def test_the_period_is_the_one_that_holds_now() -> None:
    (one,) = caps([Budget("all", 9, "24h")], 4, NOW, value=False)
    assert (one.start, one.reset, one.limit, one.amount, one.counts) == (1_795_737_600, 1_795_824_000, 9, 4, "b")
    (later,) = caps([Budget("all", 9, "24h")], 4, NOW + 86_400, value=True)
    assert (later.start, later.counts) == (1_795_824_000, "v")
    assert caps([Budget("all", 9, "24h")], 4, NOW, value=False) == [one]
    (there,) = caps([Budget("all", 9, "24h")], 4, NOW, value=False, zone="Asia/Tokyo")
    assert (there.start % 86_400, there.reset - there.start) == (15 * 3600, 86_400)


def test_a_refusal_says_what_was_spent_of_what_and_when_it_begins_anew() -> None:
    cap = Cap("provider:zai", "24h", 1_795_737_600, 1_795_824_000, 2_000_000_000, 60_000_000)
    spent = Spent(cap, 1_950_000_000, 0)
    told = exhausted(spent)
    assert told.message == (
        "The budget of the provider zai has no room for this call: $1.95 of $2 is spent since 2026-11-27 00:00 UTC, and "
        "the call may cost $0.06. It begins anew at 2026-11-28 00:00 UTC."
    )
    assert (told.status, told.code, told.hopeless) == (402, "insufficient_quota", True)
    held = crowded(Spent(cap, 1_000_000_000, 990_000_000), 5.0)
    assert (held.status, held.hopeless, held.retry_after) == (429, False, 5.0)
    assert "$1 is spent and $0.99 held for calls that are under way" in held.message


def test_what_is_capped_is_named_as_people_say_it() -> None:
    names = ["all", "session:abc", "key:1f", "end:ada", "key:1f|group:glm", "team:red|user:ada", "odd"]
    assert [called(name) for name in names] == [
        "this gateway",
        "this session",
        "the key 1f",
        "the end user ada",
        "the key 1f for the model glm",
        "the member ada of the team red",
        "odd",
    ]
