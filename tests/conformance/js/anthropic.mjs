// The official Anthropic SDK for JavaScript.
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import { door, rejects, run } from "./run.mjs";

const client = new Anthropic({ baseURL: door.url, apiKey: door.key, maxRetries: 0, timeout: 20_000 });
const model = "claude-sonnet-5-5";
const ask = (content, more = {}) => ({ model, max_tokens: 1000, messages: [{ role: "user", content }], ...more });
const weather = {
  name: "get_weather",
  description: "w",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

await run({
  async whole() {
    const answer = await client.messages.create(ask("SAY=grüezi✓ IN=120 OUT=9 CACHED=20"));
    assert.equal(answer.content[0].text, "grüezi✓");
    assert.equal(answer.usage.input_tokens, 100);
    assert.equal(answer.usage.output_tokens, 9);
  },
  async stream() {
    let deltas = 0;
    const stream = client.messages.stream(ask("LONG=40 THINK")).on("text", () => (deltas += 1));
    const final = await stream.finalMessage();
    assert.equal(deltas, 40);
    assert.deepEqual(final.content.map((block) => block.type), ["thinking", "text"]);
  },
  async tools() {
    const first = await client.messages.stream(ask("TOOL PAR SAY=Bern", { tools: [weather] })).finalMessage();
    const calls = first.content.filter((block) => block.type === "tool_use");
    assert.deepEqual(calls.map((call) => call.input.city), ["Bern", "Bern-2"]);
    const results = calls.map((call) => ({ type: "tool_result", tool_use_id: call.id, content: `${call.id}: 21°` }));
    const messages = [
      { role: "user", content: "TOOL PAR SAY=Bern" },
      { role: "assistant", content: first.content },
      { role: "user", content: results },
    ];
    const second = await client.messages.create({ ...ask(""), messages, tools: [weather] });
    for (const call of calls) assert.ok(second.content[0].text.includes(`${call.id}: 21°`));
  },
  async count() {
    const counted = await client.messages.countTokens({ model, messages: [{ role: "user", content: "one two" }] });
    assert.ok(counted.input_tokens > 0);
  },
  async errors() {
    await rejects(client.messages.create(ask("ERR=401")), Anthropic.AuthenticationError, 401);
    await rejects(client.messages.create(ask("ERR=429")), Anthropic.RateLimitError, 429);
    await rejects(client.messages.create(ask("ERR=500")), Anthropic.InternalServerError, 500);
    await rejects(client.messages.create(ask("ERR=529")), Anthropic.InternalServerError, 529);
  },
  async wrongKey() {
    const stranger = new Anthropic({ baseURL: door.url, apiKey: door.badKey, maxRetries: 0, timeout: 20_000 });
    await rejects(stranger.messages.create(ask("SAY=x")), Anthropic.AuthenticationError, 401);
  },
  async midStream() {
    await rejects(client.messages.stream(ask("LONG=20 ERRMID=5")).finalMessage(), Anthropic.APIError);
  },
});
