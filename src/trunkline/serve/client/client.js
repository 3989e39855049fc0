// The gateway's client for pages and for anything else that has fetch. An ES module without dependencies:
//
//     import { FrontendGatewayClient } from "http://localhost:4000/client.js";
//
// An answer is whole or an error: a stream that ends before its end throws, whatever was already told.

const DONE = "[DONE]";

/** What went wrong. `code` names it, `statusCode` is HTTP's (0: no answer came, or it broke off). */
export class GatewayError extends Error {
  constructor(message, { code, statusCode = 0, type, retryAfter, limitType, requestId, timestamp, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code ?? "UNKNOWN_ERROR";
    this.statusCode = statusCode;
    this.type = type;
    this.retryAfter = retryAfter;
    this.limitType = limitType;
    this.requestId = requestId;
    this.timestamp = timestamp;
  }
}

/** 400, 413, 415, 422: the request is wrong, and stays so. */
export class ValidationError extends GatewayError {}
/** 401: the key is missing or not accepted. */
export class AuthenticationError extends GatewayError {}
/** 403: the key or the page may not do this. */
export class PermissionError extends GatewayError {}
/** 404: no such model or path. */
export class NotFoundError extends GatewayError {}
/** 402: a budget or an account has nothing left. */
export class BudgetError extends GatewayError {}
/** 429: too much at once. `retryAfter` is in seconds, `limitType` says which limit. */
export class RateLimitError extends GatewayError {}
/** 5xx: the gateway or the provider failed. */
export class ServerError extends GatewayError {}
/** No answer came: the gateway cannot be reached, or does not let this page in. */
export class ConnectionError extends GatewayError {}
/** The answer broke off after it had begun. */
export class StreamError extends GatewayError {}

const KINDS = { 400: ValidationError, 401: AuthenticationError, 402: BudgetError, 403: PermissionError, 404: NotFoundError };

function kindOf(status) {
  if (status === 429) return RateLimitError;
  return KINDS[status] ?? (status >= 400 && status < 500 ? ValidationError : ServerError);
}

/** The error that a body tells, in the shape of OpenAI or of the gateway. */
function errorOf(body, status, headers, Kind) {
  const told = typeof body?.error === "object" && body.error !== null ? body.error : {};
  const said = typeof body?.error === "string" ? body.error : told.message;
  const statusCode = status || Number(told.status_code) || 0;
  const wait = Number(told.retry_after ?? headers?.get("retry-after") ?? NaN);
  return new (Kind ?? kindOf(statusCode))(said || `The gateway answered ${statusCode}.`, {
    code: told.code == null ? undefined : String(told.code),
    statusCode,
    type: told.type,
    retryAfter: Number.isFinite(wait) ? wait : undefined,
    limitType: told.limit_type,
    requestId: told.request_id ?? headers?.get("x-litellm-call-id") ?? undefined,
    timestamp: told.timestamp,
  });
}

async function refusalOf(response) {
  const text = await response.text().catch(() => "");
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    body = { error: { message: text.slice(0, 500) } };
  }
  return errorOf(body, response.status, response.headers);
}

/** What the answer's head says of how it came about. */
function gatewayOf(headers) {
  const cost = headers.get("x-litellm-response-cost");
  return {
    requestId: headers.get("x-litellm-call-id") ?? undefined,
    cost: cost === null ? undefined : Number(cost),
    route: headers.get("x-trunkline-route") ?? undefined,
    modelId: headers.get("x-litellm-model-id") ?? undefined,
    headers,
  };
}

function withGateway(value, gateway) {
  return Object.defineProperty(value, "gateway", { value: gateway, enumerable: false });
}

/** The payloads of a stream of server-sent events, one string each, wherever the bytes were cut. */
async function* payloads(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let data = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A carriage return at the end may be half of a line's end.
      const whole = done ? rest.length : rest.endsWith("\r") ? rest.length - 1 : rest.length;
      const lines = rest.slice(0, whole).split(/\r\n|\n|\r/);
      rest = lines.pop() + rest.slice(whole);
      for (const line of lines) {
        if (line === "") {
          if (data.length) yield data.join("\n");
          data = [];
        } else if (line.startsWith("data:")) {
          data.push(line.slice(line[5] === " " ? 6 : 5));
        }
      }
      if (done) return;
    }
  } finally {
    // Whoever stops listening ends the call: nothing more is written, and nothing more is paid for.
    reader.cancel().catch(() => {});
  }
}

class Client {
  #base;
  #headers;
  #model;
  #fetch;

  constructor(baseUrl, apiKey, { model, headers = {}, fetch: own } = {}, more = {}) {
    if (!baseUrl) throw new TypeError("baseUrl is needed, for example http://localhost:4000");
    this.#base = String(baseUrl).replace(/\/+$/, "");
    this.#headers = { ...headers, ...more };
    if (apiKey) this.#headers.authorization = `Bearer ${apiKey}`;
    this.#model = model;
    this.#fetch = own ?? ((...request) => globalThis.fetch(...request));
  }

  /** The models that may be asked for. */
  async models({ signal } = {}) {
    const response = await this.#send("/models", { headers: this.#headers, signal });
    return (await this.#json(response)).data.map((model) => model.id);
  }

  async complete(request, options) {
    return this.#json(await this.#post({ ...request, stream: false }, options));
  }

  async *stream(request, options) {
    const response = await this.#post({ ...request, stream: true }, options);
    const gateway = gatewayOf(response.headers);
    let finished = false;
    try {
      for await (const payload of payloads(response.body)) {
        if (payload === DONE) return;
        let chunk;
        try {
          chunk = JSON.parse(payload);
        } catch (cause) {
          throw new StreamError("The stream holds an event that is no JSON.", { code: "STREAM_INVALID", cause });
        }
        if (chunk.error) throw errorOf(chunk, 0, response.headers, StreamError);
        finished ||= chunk.choices?.some((choice) => choice.finish_reason) ?? false;
        yield withGateway(chunk, gateway);
      }
    } catch (cause) {
      if (cause instanceof GatewayError || options?.signal?.aborted) throw cause;
      throw this.#cut(gateway, cause);
    }
    if (!finished) throw this.#cut(gateway);
  }

  #cut(gateway, cause) {
    const said = "The answer broke off before its end.";
    return new StreamError(said, { code: "STREAM_INTERRUPTED", requestId: gateway.requestId, cause });
  }

  async #post(request, { signal, route, forceModel, headers } = {}) {
    const head = { ...this.#headers, "content-type": "application/json", ...headers };
    if (route) head["x-litellm-route"] = route;
    if (forceModel) head["x-litellm-model"] = forceModel;
    const body = JSON.stringify({ ...(this.#model ? { model: this.#model } : {}), ...request });
    return this.#send("/chat/completions", { method: "POST", headers: head, body, signal });
  }

  async #send(path, init) {
    let response;
    try {
      response = await this.#fetch(this.#base + path, init);
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      const said = `${this.#base} cannot be reached, or does not let this page in.`;
      throw new ConnectionError(said, { code: "CONNECTION_ERROR", cause });
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  async #json(response) {
    const gateway = gatewayOf(response.headers);
    try {
      return withGateway(await response.json(), gateway);
    } catch (cause) {
      if (cause?.name === "AbortError") throw cause;
      throw this.#cut(gateway, cause);
    }
  }
}

/** For a page: a gateway's URL (`http://localhost:3000/api/llm`) and the key that it gives to pages. */
export class FrontendGatewayClient {
  #client;

  constructor(baseUrl, apiKey, options) {
    this.#client = new Client(baseUrl, apiKey, options);
  }

  models(options) {
    return this.#client.models(options);
  }

  /** The whole answer to a list of messages. */
  sendMessage(messages, { signal, route, forceModel, headers, ...request } = {}) {
    return this.#client.complete({ ...request, messages }, { signal, route, forceModel, headers });
  }

  /** The answer's chunks, as they come. */
  streamMessage(messages, { signal, route, forceModel, headers, ...request } = {}) {
    return this.#client.stream({ ...request, messages }, { signal, route, forceModel, headers });
  }
}

/** For who brings a provider's key: it goes to the provider that answers, where the gateway allows that. */
export class LiteLLMGatewayClient {
  #client;

  constructor(baseUrl, apiKey, providerKey, options) {
    const more = providerKey ? { "x-litellm-api-key": providerKey } : {};
    this.#client = new Client(baseUrl, apiKey, options, more);
  }

  models(options) {
    return this.#client.models(options);
  }

  /** The whole answer to a request as OpenAI's chat has it, or to a list of messages. */
  chatCompletion(request, options) {
    return this.#client.complete(requestOf(request), options);
  }

  /** The chunks of that answer, as they come. */
  streamingChatCompletion(request, options) {
    return this.#client.stream(requestOf(request), options);
  }
}

function requestOf(request) {
  return Array.isArray(request) ? { messages: request } : request;
}

/** The text of a whole answer or of a chunk. */
export function textOf(answer) {
  const choice = answer?.choices?.[0];
  return (choice?.message ?? choice?.delta)?.content ?? "";
}
