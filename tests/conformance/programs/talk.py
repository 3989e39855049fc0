"""A program written for LiteLLM: it asks in every way that people ask in, and prints what it reads, a line each."""

import asyncio
import json
import os

import litellm
from litellm import acompletion, completion, embedding

litellm.drop_params = True
litellm.suppress_debug_info = True

FAKE = os.environ["FAKE_URL"]
PLACES = {
    "anthropic/glm-4.6": f"{FAKE}/api/anthropic",
    "anthropic/claude-haiku-4-5": FAKE,
    "openai/gpt-4o": f"{FAKE}/v1",
}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look_up",
            "description": "Looks something up.",
            "parameters": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]},
        },
    }
]


def tell(what, **read):
    print(json.dumps({"what": what, **read}, ensure_ascii=False))


def said(text):
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]


def whole(model, answer):
    choice = answer.choices[0]
    tell(
        f"whole {model}",
        kind=type(answer).__name__,
        object=answer.object,
        model=answer.model,
        content=choice.message.content,
        by_item=answer["choices"][0]["message"]["content"],
        role=choice.message.role,
        reason=choice.finish_reason,
        index=choice.index,
        usage=[answer.usage.prompt_tokens, answer.usage.completion_tokens, answer["usage"]["total_tokens"]],
        fields=sorted({"id", "object", "created", "model", "choices", "usage"} & set(answer.model_dump())),
        has=["choices" in answer, answer.get("nothing", "none"), answer.id.startswith("chatcmpl-")],
        tool_calls=choice.message.tool_calls,
        data=[answer.json()["choices"][0]["message"]["content"], answer.model_dump()["usage"]["total_tokens"]],
    )


def chunks(model, every):
    read = [chunk for chunk in every if chunk.choices]
    tell(
        f"stream {model}",
        kind=type(read[0]).__name__,
        object=read[0].object,
        model=read[0].model,
        text="".join(chunk.choices[0].delta.content or "" for chunk in read),
        by_item="".join(chunk["choices"][0]["delta"]["content"] or "" for chunk in read),
        role=next(chunk.choices[0].delta.role for chunk in read if chunk.choices[0].delta.role),
        reason=[chunk.choices[0].finish_reason for chunk in read if chunk.choices[0].finish_reason],
        one_id=len({chunk.id for chunk in read}),
        usage=[
            [chunk.usage.prompt_tokens, chunk.usage.completion_tokens, chunk.usage.total_tokens]
            for chunk in every
            if getattr(chunk, "usage", None)
        ],
        built=litellm.stream_chunk_builder(every).choices[0].message.content,
    )


for model, base in PLACES.items():
    here = {"model": model, "api_base": base, "api_key": "sk-fake-good", "max_tokens": 200, "timeout": 30}
    text = said("SAY=hello✓there IN=30 OUT=7")
    whole(model, completion(messages=text, temperature=0.5, top_p=0.9, metadata={"user_id": "u"}, **here))
    whole(model, asyncio.run(acompletion(messages=text, **here)))
    chunks(model, list(completion(messages=text, stream=True, **here)))
    chunks(model, list(completion(messages=text, stream=True, stream_options={"include_usage": True}, **here)))

    async def streamed(here=here, text=text):
        return [chunk async for chunk in await acompletion(messages=text, stream=True, **here)]

    chunks(model, asyncio.run(streamed()))

    asked = said("TOOL=look_up SAY=done")
    answer = completion(messages=asked, tools=TOOLS, **here)
    [call] = answer.choices[0].message.tool_calls
    tell(
        f"call {model}",
        kind=type(call).__name__,
        name=call.function.name,
        arguments=json.loads(call.function.arguments),
        type=call.type,
        content=answer.choices[0].message.content or None,
        reason=answer.choices[0].finish_reason,
    )
    result = {"role": "tool", "tool_call_id": call.id, "name": "look_up", "content": "sunny"}
    answer = completion(messages=[*asked, answer.choices[0].message, result], tools=TOOLS, **here)
    tell(f"result {model}", content=answer.choices[0].message.content, reason=answer.choices[0].finish_reason)
    read = list(completion(messages=asked, tools=TOOLS, stream=True, **here))
    built = litellm.stream_chunk_builder(read).choices[0].message.tool_calls[0]
    tell(f"streamed call {model}", name=built.function.name, arguments=json.loads(built.function.arguments))

vectors = embedding(
    model="openai/text-embedding-3-small", input=["a", "b"], api_base=PLACES["openai/gpt-4o"], api_key="sk-fake-good"
)
tell(
    "vectors",
    kind=type(vectors).__name__,
    object=vectors.object,
    lengths=[len(each["embedding"]) for each in vectors.data],
    indices=[each["index"] for each in vectors["data"]],
    usage=vectors.usage.prompt_tokens,
)
mocked = completion(model="gpt-4o", messages=said("Hi"), mock_response="as I was told")
tell("mock", content=mocked.choices[0].message.content, usage=mocked.usage.total_tokens)
