"""What is known of deployments that lead elsewhere now is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from trunkline.state.types import Circuit
from trunkline.upstream.rests import begin_anew


class Circuits(dict[str, Circuit]):
    def all_circuits(self) -> dict[str, Circuit]:
        return dict(self)

    def mend(
        self, name: str, change: Callable[[Circuit | None], Circuit | None]
    ) -> tuple[Circuit | None, Circuit | None]:
        before = self.pop(name, None)
        if (after := change(before)) is not None:
            self[name] = after
        return before, after


def test_circuits_of_all_models_of_a_deployment_go_and_those_of_others_stay() -> None:
    circuits = Circuits({name: Circuit() for name in ("d:one|a", "d:one|b", "d:one2|a", "d:two|a", "k:one|a")})
    begin_anew(circuits, ())
    assert len(circuits) == 5
    begin_anew(circuits, {"one"})
    assert circuits.keys() == {"d:one2|a", "d:two|a", "k:one|a"}
