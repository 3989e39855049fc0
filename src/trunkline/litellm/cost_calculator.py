"""`litellm.cost_calculator`."""

from trunkline.sdk.costs import completion_cost, cost_per_token

__all__ = ["completion_cost", "cost_per_token"]
