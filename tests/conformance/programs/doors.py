"""Asks a gateway by the SDK that CLIENT names, whole and as a stream: a line of JSON of what it heard."""

import json
import os
from collections.abc import Iterator

BASE, KEY = os.environ["DOOR_URL"], os.environ["DOOR_KEY"]
HELLO, LONG = "SAY=grüezi✓", "LONG=40"


def openai() -> tuple[str, list[str]]:
    from openai import OpenAI

    client = OpenAI(base_url=f"{BASE}/v1", api_key=KEY, max_retries=0)

    def say(text: str) -> list:
        return [{"role": "user", "content": text}]

    whole = client.chat.completions.create(model="glm-4.6", messages=say(HELLO))
    stream = client.chat.completions.create(model="glm-4.6", messages=say(LONG), stream=True)
    return whole.choices[0].message.content, [each.choices[0].delta.content or "" for each in stream if each.choices]


def litellm() -> tuple[str, list[str]]:
    from litellm import completion
    from litellm.proxy.client import Client

    # Its own client of a gateway, then its functions by the name that it has for one.
    client = Client(base_url=BASE, api_key=KEY)
    assert "glm-4.6" in [each["id"] for each in client.models.list()]
    assert client.models.get(model_name="glm-4.6")["model_info"]["litellm_provider"] == "zai"
    assert "glm-4.6" in [each["model_group"] for each in client.model_groups.info()]

    def ask(text: str, **more: object) -> object:
        message, about = {"role": "user", "content": text}, {"metadata": {"tags": ["door"], "depth": 1}}
        where = {"api_base": BASE, "api_key": KEY, "num_retries": 0, "extra_body": about}
        return completion("litellm_proxy/glm-4.6", [message], **where, **more)

    stream = [each.choices[0].delta.content or "" for each in ask(LONG, stream=True)]
    return ask(HELLO).choices[0].message.content, stream


def langchain_openai() -> tuple[str, list[str]]:
    from langchain_openai import ChatOpenAI

    return _langchain(ChatOpenAI(model="glm-4.6", base_url=f"{BASE}/v1", api_key=KEY, max_retries=0))


def langchain_anthropic() -> tuple[str, list[str]]:
    from langchain_anthropic import ChatAnthropic

    return _langchain(ChatAnthropic(model="glm-4.6", base_url=BASE, api_key=KEY, max_retries=0, max_tokens=500))


def _langchain(chat: object) -> tuple[str, list[str]]:
    from langchain_core.messages import HumanMessage, ToolMessage

    question = HumanMessage("TOOL SAY=Bern")
    tool = {
        "name": "get_weather",
        "description": "w",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    bound = chat.bind_tools([{"type": "function", "function": tool}])
    first = bound.invoke([question])
    result = ToolMessage("21° in Bern", tool_call_id=first.tool_calls[0]["id"])
    second = bound.invoke([question, first, result])
    assert first.tool_calls[0]["args"] == {"city": "Bern"}, first
    assert "21° in Bern" in second.text, second
    return chat.invoke(HELLO).text, [each.text for each in chat.stream(LONG)]


def _words(pieces: list[str]) -> Iterator[str]:
    return iter("".join(pieces).split())


whole, pieces = globals()[os.environ["CLIENT"]]()
print(json.dumps({"whole": whole, "pieces": len(pieces), "last": list(_words(pieces))[-1]}))
