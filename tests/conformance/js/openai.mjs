// The official OpenAI SDK for JavaScript: chat and responses.
import assert from "node:assert/strict";
import OpenAI from "openai";
import { door, rejects, run } from "./run.mjs";

const client = new OpenAI({ baseURL: door.v1, apiKey: door.key, maxRetries: 0, timeout: 20_000 });
const model = "gpt-5.6-sol";
const ask = (content, more = {}) => ({ model, messages: [{ role: "user", content }], ...more });
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const chatTool = { type: "function", function: { name: "get_weather", description: "w", parameters } };
const responsesTool = { type: "function", name: "get_weather", description: "w", parameters, strict: true };

await run({
  async whole() {
    const answer = await client.chat.completions.create(ask("SAY=grüezi✓ IN=120 OUT=9"));
    assert.equal(answer.choices[0].message.content, "grüezi✓");
    assert.equal(answer.usage.total_tokens, 129);
  },
  async stream() {
    let said = "";
    let usage = null;
    const more = { stream: true, stream_options: { include_usage: true } };
    for await (const chunk of await client.chat.completions.create(ask("LONG=40 IN=33", more))) {
      said += chunk.choices[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.equal(said.trim().split(" ").at(-1), "w39");
    assert.equal(usage.prompt_tokens, 33);
  },
  async tools() {
    const first = await client.chat.completions.stream(ask("TOOL PAR SAY=Bern", { tools: [chatTool] })).finalChatCompletion();
    const { tool_calls: calls, content } = first.choices[0].message;
    assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments).city), ["Bern", "Bern-2"]);
    const messages = [
      { role: "user", content: "TOOL PAR SAY=Bern" },
      { role: "assistant", content, tool_calls: calls },
      ...calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: `${call.id}: 21°` })),
    ];
    const second = await client.chat.completions.create({ model, messages, tools: [chatTool] });
    for (const call of calls) assert.ok(second.choices[0].message.content.includes(`${call.id}: 21°`));
  },
  async responses() {
    const final = await client.responses.stream({ model, input: "THINK SAY=grüezi✓", store: false }).finalResponse();
    assert.equal(final.output_text, "grüezi✓");
    const whole = await client.responses.create({ model, input: "TOOL SAY=Bern", tools: [responsesTool], store: false });
    const call = whole.output.find((item) => item.type === "function_call");
    assert.equal(JSON.parse(call.arguments).city, "Bern");
  },
  async errors() {
    await rejects(client.chat.completions.create(ask("ERR=401")), OpenAI.AuthenticationError, 401);
    await rejects(client.chat.completions.create(ask("ERR=429")), OpenAI.RateLimitError, 429);
    await rejects(client.responses.create({ model, input: "ERR=500" }), OpenAI.InternalServerError, 500);
  },
  async wrongKey() {
    const stranger = new OpenAI({ baseURL: door.v1, apiKey: door.badKey, maxRetries: 0, timeout: 20_000 });
    await rejects(stranger.chat.completions.create(ask("SAY=x")), OpenAI.AuthenticationError, 401);
  },
  async midStream() {
    const read = async () => {
      for await (const chunk of await client.chat.completions.create(ask("LONG=20 ERRMID=5", { stream: true }))) void chunk;
    };
    await rejects(read(), OpenAI.APIError);
  },
});
