"""A provider that is not one: the wires of Anthropic, OpenAI, Z.AI, Azure, Gemini and Ollama over real sockets, for tests."""

from tests.fake.behaviour import Behaviour
from tests.fake.provider import GOOD_KEY
from tests.fake.record import Bill, Charge, Seen
from tests.fake.server import FakeProvider

__all__ = ["GOOD_KEY", "Behaviour", "Bill", "Charge", "FakeProvider", "Seen"]
