// What a program in TypeScript may write; it is compiled, and not run.
import { FrontendGatewayClient, GatewayError, LiteLLMGatewayClient, RateLimitError, textOf } from "./client/client.js";
import type { ChatCompletion, ChatCompletionChunk, Message } from "./client/client.js";

const messages: Message[] = [{ role: "user", content: "hello" }];
const page = new FrontendGatewayClient("http://localhost:3000/api/llm", "key", { model: "glm-4.6" });
const own = new LiteLLMGatewayClient("http://localhost:4000", "key", "provider-key");

export async function talk(signal: AbortSignal): Promise<string> {
  const whole: ChatCompletion = await page.sendMessage(messages, { temperature: 0.2, signal, route: "z-ai" });
  const cost: number | undefined = whole.gateway.cost;
  let text = `${textOf(whole)} ${cost ?? 0}`;
  for await (const chunk of page.streamMessage(messages)) text += textOf(chunk satisfies ChatCompletionChunk);
  for await (const chunk of own.streamingChatCompletion({ model: "m", messages }, { forceModel: "n" })) text += chunk.id;
  text += (await own.chatCompletion(messages)).choices[0]?.message.content ?? "";
  return text + (await page.models({ signal })).join();
}

export function wait(error: unknown): number | undefined {
  if (error instanceof RateLimitError) return error.retryAfter;
  return error instanceof GatewayError ? error.statusCode : undefined;
}

// @ts-expect-error a message has a role
page.sendMessage([{ content: "hello" }]);
// @ts-expect-error the base is no option
new FrontendGatewayClient();
