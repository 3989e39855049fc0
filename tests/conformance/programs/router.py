"""A program written for LiteLLM's Router: GLM first, then GPT; and its own arguments and name."""

import asyncio
import json
import os
import sys

from litellm import Router
from litellm.types.utils import ModelResponse

FAKE = os.environ["FAKE_URL"]
router = Router(
    model_list=[
        {
            "model_name": "first",
            "litellm_params": {
                "model": "anthropic/glm-4.6",
                "api_base": f"{FAKE}/api/anthropic",
                "api_key": "sk-fake-good",
            },
        },
        {
            "model_name": "second",
            "litellm_params": {"model": "openai/gpt-4o", "api_base": f"{FAKE}/v1", "api_key": "sk-fake-good"},
        },
    ],
    fallbacks=[{"first": ["second"]}],
    num_retries=0,
)
text = [{"role": "user", "content": "SAY=ok"}]
answers = [router.completion(model="first", messages=text), router.completion("second", messages=text)]
answers.append(asyncio.run(router.acompletion(model="first", messages=text)))
pieces = [chunk.choices[0].delta.content or "" for chunk in router.completion("first", text, stream=True)]
print(json.dumps([[answer.model, answer.choices[0].message.content] for answer in answers]))
print(json.dumps(["".join(pieces), isinstance(answers[0], ModelResponse), __name__, sys.argv[1:]]))
