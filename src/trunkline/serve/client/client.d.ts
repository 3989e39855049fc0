// Types of the gateway's client for pages.

export interface Message {
  role: "system" | "developer" | "user" | "assistant" | "tool" | (string & {});
  content?: string | null | Array<Record<string, unknown>>;
  [member: string]: unknown;
}

/** Members of an OpenAI chat request; what is not named here is sent as it is. */
export interface ChatRequest {
  model?: string;
  messages: Message[];
  temperature?: number;
  max_tokens?: number;
  [member: string]: unknown;
}

export interface CallOptions {
  /** Ends the call: the generator or promise rejects with an AbortError. */
  signal?: AbortSignal;
  /** The provider that is to answer (`x-litellm-route`). */
  route?: string;
  /** The model, whatever the request names (`x-litellm-model`). */
  forceModel?: string;
  headers?: Record<string, string>;
}

export type MessageOptions = CallOptions & Omit<ChatRequest, "messages">;

export interface ClientOptions {
  /** Asked for where a request names none; else the gateway's own default is. */
  model?: string;
  headers?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
}

/** What the answer's head says of how it came about. */
export interface Gateway {
  requestId?: string;
  /** Dollars; a stream tells its cost in the usage of its last chunk instead. */
  cost?: number;
  /** Who was asked, in order. */
  route?: string;
  modelId?: string;
  headers: Headers;
}

export interface Usage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
  cost?: number;
  [member: string]: unknown;
}

export interface ChatCompletion {
  id: string;
  model: string;
  choices: Array<{
    index: number;
    message: { role: string; content: string | null; [member: string]: unknown };
    finish_reason: string | null;
  }>;
  usage?: Usage;
  readonly gateway: Gateway;
  [member: string]: unknown;
}

export interface ChatCompletionChunk {
  id: string;
  model: string;
  choices: Array<{
    index: number;
    delta: { role?: string; content?: string | null; [member: string]: unknown };
    finish_reason?: string | null;
  }>;
  usage?: Usage | null;
  readonly gateway: Gateway;
  [member: string]: unknown;
}

/** What went wrong. Every other class is one of these. */
export class GatewayError extends Error {
  /** `RATE_LIMIT_ERROR`, `INVALID_API_KEY`, `MODEL_NOT_AVAILABLE`, …; a provider's own code where it is its error. */
  readonly code: string;
  /** HTTP's status; 0 where no answer came. */
  readonly statusCode: number;
  readonly type?: string;
  /** Seconds after which it may work. */
  readonly retryAfter?: number;
  /** `requests`, `tokens`, `parallel`, `budget` or `provider`. */
  readonly limitType?: string;
  readonly requestId?: string;
  readonly timestamp?: string;
  constructor(message: string, told?: Record<string, unknown>);
}
export class ValidationError extends GatewayError {}
export class AuthenticationError extends GatewayError {}
export class PermissionError extends GatewayError {}
export class NotFoundError extends GatewayError {}
export class BudgetError extends GatewayError {}
export class RateLimitError extends GatewayError {}
export class ServerError extends GatewayError {}
export class ConnectionError extends GatewayError {}
export class StreamError extends GatewayError {}

export class FrontendGatewayClient {
  constructor(baseUrl: string, apiKey?: string, options?: ClientOptions);
  models(options?: Pick<CallOptions, "signal">): Promise<string[]>;
  sendMessage(messages: Message[], options?: MessageOptions): Promise<ChatCompletion>;
  streamMessage(messages: Message[], options?: MessageOptions): AsyncGenerator<ChatCompletionChunk, void, undefined>;
}

export class LiteLLMGatewayClient {
  constructor(baseUrl: string, apiKey?: string, providerKey?: string, options?: ClientOptions);
  models(options?: Pick<CallOptions, "signal">): Promise<string[]>;
  chatCompletion(request: ChatRequest | Message[], options?: CallOptions): Promise<ChatCompletion>;
  streamingChatCompletion(
    request: ChatRequest | Message[],
    options?: CallOptions,
  ): AsyncGenerator<ChatCompletionChunk, void, undefined>;
}

/** The text of a whole answer or of a chunk; empty where it has none. */
export function textOf(answer: ChatCompletion | ChatCompletionChunk): string;
