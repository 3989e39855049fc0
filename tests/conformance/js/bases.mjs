// The bases that people give to their clients, each with and without `/v1`: LangChain's ChatOpenAI and plain fetch.
import assert from "node:assert/strict";
import { ChatOpenAI } from "@langchain/openai";
import { door, run } from "./run.mjs";

const bases = ["", "/v1", "/api/llm", "/api/llm/v1"].map((path) => door.url + path);
const make = (baseURL, model = "glm-4.6") =>
  new ChatOpenAI({ model, apiKey: door.key, maxRetries: 0, timeout: 20_000, configuration: { baseURL } });
const ask = (base, content, more = {}, key = door.key) =>
  fetch(`${base}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, "x-client-info": "bases/1" },
    body: JSON.stringify({ model: "glm-4.6", messages: [{ role: "user", content }], ...more }),
  });

await run({
  async langchainWhole() {
    for (const base of bases) assert.equal((await make(base).invoke("SAY=grüezi✓")).text, "grüezi✓", base);
  },
  async langchainStream() {
    for (const base of bases) {
      let said = "";
      for await (const chunk of await make(base).stream("LONG=20")) said += chunk.text;
      assert.equal(said.trim().split(" ").at(-1), "w19", base);
    }
  },
  async langchainResponses() {
    for (const base of bases) {
      const chat = new ChatOpenAI({
        model: "gpt-5.6-sol", apiKey: door.key, maxRetries: 0, useResponsesApi: true, configuration: { baseURL: base },
      });
      assert.equal((await chat.invoke("SAY=ja")).text, "ja", base);
    }
  },
  async fetchWhole() {
    for (const base of bases) {
      const answer = await ask(base, "SAY=grüezi✓");
      assert.equal((await answer.json()).choices[0].message.content, "grüezi✓", base);
      assert.ok(Number(answer.headers.get("x-litellm-response-cost")) >= 0);
    }
  },
  async fetchReadsLinesOfData() {
    for (const base of bases) {
      const answer = await ask(base, "LONG=20", { stream: true });
      const decoder = new TextDecoder();
      let rest = "";
      let said = "";
      let done = false;
      for await (const piece of answer.body) {
        rest += decoder.decode(piece, { stream: true });
        const lines = rest.split("\n");
        rest = lines.pop();
        for (const line of lines) {
          if (!line.startsWith("data: ")) continue;
          if (line === "data: [DONE]") done = true;
          else said += JSON.parse(line.slice(6)).choices[0]?.delta?.content ?? "";
        }
      }
      assert.ok(done, base);
      assert.equal(said.trim().split(" ").at(-1), "w19", base);
    }
  },
  async fetchErrors() {
    const refused = await ask(`${door.url}/api/llm`, "SAY=x", {}, door.badKey);
    const { error } = await refused.json();
    assert.deepEqual([refused.status, error.status_code, error.code], [401, 401, "INVALID_API_KEY"]);
    assert.equal((await (await ask(door.v1, "SAY=x", {}, door.badKey)).json()).error.code, "invalid_api_key");
    const missing = await (await ask(`${door.url}/api/llm`, "SAY=x", { model: "no-such" })).json();
    assert.equal(missing.error.code, "MODEL_NOT_AVAILABLE");
  },
});
