// The gateway's own client for pages, as node runs it: against a real gateway, and against bytes cut anywhere.
import assert from "node:assert/strict";
import { door, run } from "./run.mjs";
import * as gateway from "./client/client.js";

const { FrontendGatewayClient, LiteLLMGatewayClient, textOf } = gateway;
const page = new FrontendGatewayClient(`${door.url}/api/llm/`, door.key, { model: "glm-4.6" });
const say = (content) => [{ role: "user", content }];

/** A client whose gateway answers these bytes, cut into pieces of that size; `broken` ends them with an error. */
function told(text, size, { status = 200, headers = {}, broken = false } = {}) {
  const bytes = new TextEncoder().encode(text);
  const body = () =>
    new ReadableStream({
      start(to) {
        for (let at = 0; at < bytes.length; at += size) to.enqueue(bytes.slice(at, at + size));
        broken ? to.error(new TypeError("network error")) : to.close();
      },
    });
  return new FrontendGatewayClient("http://x", "k", { fetch: async () => new Response(body(), { status, headers }) });
}

async function all(stream) {
  let text = "";
  for await (const chunk of stream) text += textOf(chunk);
  return text;
}

const delta = (content, finish_reason = null) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}`;

await run({
  async whole() {
    const answer = await page.sendMessage(say("SAY=grüezi✓"));
    assert.equal(textOf(answer), "grüezi✓");
    assert.equal(answer.gateway.route, "zai/glm-4.6");
    assert.equal(answer.gateway.requestId.length, 36);
    assert.ok(!Object.keys(answer).includes("gateway"));
  },
  async stream() {
    assert.equal((await all(page.streamMessage(say("LONG=40")))).trim().split(" ").at(-1), "w39");
  },
  async parametersAndRoute() {
    const answer = await page.sendMessage(say("SAY=ja"), { temperature: 0.2, max_tokens: 50, route: "z-ai" });
    assert.equal(textOf(answer), "ja");
    const forced = await page.sendMessage(say("SAY=ja"), { model: "no-such", forceModel: "gpt-5.6-sol" });
    assert.match(forced.gateway.route, /^openai\//);
  },
  async requestsOfTheOtherClient() {
    const own = new LiteLLMGatewayClient(door.url, door.key, "sk-fake-own");
    const request = { model: "glm-4.6", messages: say("SAY=ja") };
    assert.equal(textOf(await own.chatCompletion(request)), "ja");
    assert.equal(await all(own.streamingChatCompletion(request)), "ja");
    assert.ok((await own.models()).includes("glm-4.6"));
  },
  async errorsByKind() {
    const refused = [
      [new FrontendGatewayClient(`${door.url}/api/llm`, door.badKey).sendMessage(say("x")), gateway.AuthenticationError, 401, "INVALID_API_KEY"],
      [page.sendMessage(say("x"), { model: "no-such" }), gateway.NotFoundError, 404, "MODEL_NOT_AVAILABLE"],
      [page.sendMessage([]), gateway.ValidationError, 400, "VALIDATION_ERROR"],
      [page.sendMessage(say("ERR=429 CODE=1302 RETRY=7"), { model: "gpt-5.6-sol" }), gateway.RateLimitError, 429, undefined],
      [page.sendMessage(say("ERR=503"), { model: "gpt-5.6-sol" }), gateway.ServerError, 503, undefined],
    ];
    // All at once: each is waited for before the first is looked at, since Node ends of a refusal that nobody awaits.
    await Promise.allSettled(refused.map(([call]) => call));
    for (const [call, kind, status, code] of refused) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof kind && error instanceof gateway.GatewayError, `${error.name}: ${error.message}`);
        assert.equal(error.statusCode, status);
        if (code) assert.equal(error.code, code);
        if (status === 429) assert.equal(error.retryAfter, 7);
        assert.ok(error.requestId);
        return true;
      });
    }
  },
  async noGateway() {
    await assert.rejects(new FrontendGatewayClient("http://127.0.0.1:9", "k").sendMessage(say("x")), gateway.ConnectionError);
    assert.throws(() => new FrontendGatewayClient(""), TypeError);
  },
  async brokenStream() {
    const broken = all(page.streamMessage(say("LONG=20 CUT=5"), { model: "gpt-5.6-sol" }));
    await assert.rejects(broken, (error) => error instanceof gateway.StreamError && error.code !== "UNKNOWN_ERROR");
  },
  async abort() {
    const end = new AbortController();
    const call = (async () => {
      for await (const chunk of page.streamMessage(say("LONG=400 SLOW=20"), { signal: end.signal })) {
        if (textOf(chunk)) end.abort();
      }
    })();
    await assert.rejects(call, { name: "AbortError" });
  },
  async leavingEarly() {
    for await (const chunk of page.streamMessage(say("LONG=400 SLOW=20"))) if (textOf(chunk)) break;
    assert.equal(textOf(await page.sendMessage(say("SAY=ja"))), "ja");
  },
  async bytesCutAnywhere() {
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = [": ping", "", delta("grü"), "", delta("ezi ✓🙂", "stop"), "", "data: [DONE]", "", ""].join(end);
      for (let size = 1; size < 20; size++) assert.equal(await all(told(text, size).streamMessage([])), "grüezi ✓🙂", `${size}`);
    }
  },
  async anEndWithoutItsEnd() {
    const half = `${delta("gr")}\n\n`;
    await assert.rejects(all(told(half, 9).streamMessage([])), { code: "STREAM_INTERRUPTED" });
    await assert.rejects(all(told(half, 9, { broken: true }).streamMessage([])), { code: "STREAM_INTERRUPTED" });
    await assert.rejects(all(told("", 1).streamMessage([])), { code: "STREAM_INTERRUPTED" });
    assert.equal(await all(told(`${delta("all", "stop")}\n\n`, 9).streamMessage([])), "all");
  },
  async anErrorInTheStream() {
    const error = { message: "no more", code: "RATE_LIMIT_ERROR", status_code: 429, retry_after: 3, limit_type: "tokens" };
    const text = `${delta("gr")}\n\ndata: ${JSON.stringify({ error })}\n\ndata: [DONE]\n\n`;
    const wanted = { name: "StreamError", code: "RATE_LIMIT_ERROR", statusCode: 429, retryAfter: 3, limitType: "tokens" };
    await assert.rejects(all(told(text, 5).streamMessage([])), wanted);
    await assert.rejects(all(told("data: {no json\n\n", 5).streamMessage([])), { code: "STREAM_INVALID" });
  },
  async answersThatAreNone() {
    await assert.rejects(told("<html>", 3).sendMessage([]), { code: "STREAM_INTERRUPTED" });
    await assert.rejects(told("<html>", 3, { status: 502 }).sendMessage([]), { name: "ServerError", statusCode: 502 });
    const late = told("", 1, { status: 429, headers: { "retry-after": "4" } }).sendMessage([]);
    await assert.rejects(late, { name: "RateLimitError", retryAfter: 4 });
  },
});
