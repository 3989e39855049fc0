// LangChain's ChatOpenAI for JavaScript. It turns to /v1/responses by itself for some names.
import assert from "node:assert/strict";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { door, run } from "./run.mjs";

const make = (model, more = {}) =>
  new ChatOpenAI({ model, apiKey: door.key, maxRetries: 0, timeout: 20_000, configuration: { baseURL: door.v1 }, ...more });
const tool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "w",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
  },
};

async function loop(model) {
  const chat = make(model).bindTools([tool]);
  const question = new HumanMessage("TOOL SAY=Bern");
  const first = await chat.invoke([question]);
  assert.equal(first.tool_calls[0].args.city, "Bern");
  const result = new ToolMessage({ content: "21° in Bern", tool_call_id: first.tool_calls[0].id });
  const second = await chat.invoke([question, first, result]);
  assert.ok(second.text.includes("21° in Bern"), second.text);
}

await run({
  async whole() {
    assert.equal((await make("gpt-5.6-sol").invoke("SAY=grüezi✓")).text, "grüezi✓");
    assert.equal((await make("glm-4.6").invoke("SAY=grüezi✓")).text, "grüezi✓");
  },
  async stream() {
    for (const model of ["gpt-5.6-sol", "glm-4.6"]) {
      let said = "";
      for await (const chunk of await make(model).stream("LONG=40")) said += chunk.text;
      assert.equal(said.trim().split(" ").at(-1), "w39");
    }
  },
  async toolsOfTheVendor() {
    await loop("gpt-5.6-sol");
  },
  async toolsOfAnother() {
    await loop("glm-4.6");
    await loop("claude-sonnet-5-5");
    await loop("qwen3:8b");
  },
  async responsesByWish() {
    const answer = await make("gpt-5.6-sol", { useResponsesApi: true }).invoke("THINK SAY=grüezi✓");
    assert.equal(answer.text, "grüezi✓");
  },
  async errors() {
    await assert.rejects(make("gpt-5.6-sol").invoke("ERR=401"), (error) => error.status === 401 || /401/.test(error.message));
  },
});
