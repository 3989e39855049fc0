// LangChain's ChatOpenAI at a door of any kind: whole, streamed, and with a tool.
import assert from "node:assert/strict";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { door, run } from "./run.mjs";

const chat = new ChatOpenAI({ model: "glm-4.6", apiKey: door.key, maxRetries: 0, configuration: { baseURL: door.v1 } });
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

await run({
  async whole() {
    assert.equal((await chat.invoke("SAY=grüezi✓")).text, "grüezi✓");
  },
  async stream() {
    let said = "";
    for await (const chunk of await chat.stream("LONG=40")) said += chunk.text;
    assert.equal(said.trim().split(" ").at(-1), "w39");
  },
  async tools() {
    const bound = chat.bindTools([{ type: "function", function: { name: "get_weather", description: "w", parameters } }]);
    const question = new HumanMessage("TOOL SAY=Bern");
    const first = await bound.invoke([question]);
    const result = new ToolMessage({ content: "21° in Bern", tool_call_id: first.tool_calls[0].id });
    assert.ok((await bound.invoke([question, first, result])).text.includes("21° in Bern"));
  },
});
