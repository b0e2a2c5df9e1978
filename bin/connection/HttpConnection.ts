import http from "node:http";
import https from "node:https";

import {
  ApiError,
  type Call,
  type Connection,
  ConnectionLost,
  type ConnectionOptions,
  LOG_IN,
  tokenOf,
} from "./connection";
import { proxyFor, proxyHeaders, TunnelAgent } from "./proxy";

interface Answer {
  readonly status: number;
  readonly isJson: boolean;
  readonly body: Buffer;
}

/**
 * Kuzzle over HTTP. Bodies are sent as they are: a row of the input is not parsed and
 * serialized again.
 */
export class HttpConnection implements Connection {
  readonly server: string;
  readonly envelopeBytes = 0;
  private readonly agent: http.Agent;
  private readonly proxy: URL | undefined;
  private token: string | undefined;

  constructor(private readonly options: ConnectionOptions) {
    const { host, port, ssl, path, apiKey } = options;
    const name = host.includes(":") ? `[${host}]` : host;
    this.server = `${ssl ? "https" : "http"}://${name}:${port}${path}`;
    this.token = apiKey;
    this.proxy = proxyFor(options);
    this.agent = ssl
      ? this.proxy
        ? new TunnelAgent(this.proxy)
        : new https.Agent({ keepAlive: true })
      : new http.Agent({ keepAlive: true });
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  get hasUser(): boolean {
    return this.token !== undefined;
  }

  async call(call: Call): Promise<unknown> {
    return resultOf(await this.send(call, this.token));
  }

  async logIn(): Promise<boolean> {
    const { credentials } = this.options;
    if (credentials === undefined) return false;
    const { strategy, username, password } = credentials;
    const body = Buffer.from(JSON.stringify({ username, password }));
    const answer = await this.send(
      { ...LOG_IN, args: { strategy }, body },
      undefined,
    );
    this.token = tokenOf(resultOf(answer));
    return true;
  }

  close(): void {
    this.agent.destroy();
  }

  /** Directly to the server, or, for plain HTTP, to a proxy with the full URL. */
  private route(path: string): { host: string; port: number; path: string } {
    const { host, port, ssl } = this.options;
    if (this.proxy === undefined || ssl) return { host, port, path };
    const { hostname, port: proxyPort } = this.proxy;
    const name = host.includes(":") ? `[${host}]` : host;
    const whole = `http://${name}:${port}${path}`;
    return { host: hostname, port: Number(proxyPort) || 80, path: whole };
  }

  private send(call: Call, token: string | undefined): Promise<Answer> {
    const { host, port, ssl, path, timeoutMs } = this.options;
    const { proxy } = this;
    const { body } = call;
    return new Promise((resolve, reject) => {
      const lost = (error: Error) => reject(connectionLost(error));
      const request = (ssl ? https : http).request(
        {
          agent: this.agent,
          ...this.route(`${path}${pathOf(call)}`),
          method: call.http.method,
          headers: {
            ...(body && {
              "content-type": "application/json",
              "content-length": body.length,
            }),
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(proxy &&
              !ssl && { host: `${host}:${port}`, ...proxyHeaders(proxy) }),
          },
        },
        (response) => void read(response).then(resolve, lost),
      );
      request.on("error", lost);
      request.setTimeout(timeoutMs, () =>
        request.destroy(new Error(`no response for ${timeoutMs / 1000} s`)),
      );
      request.end(body);
    });
  }
}

async function read(response: http.IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return {
    status: response.statusCode ?? 0,
    isJson: /\bjson\b/.test(response.headers["content-type"] ?? ""),
    body: Buffer.concat(parts),
  };
}

function resultOf({ status, isJson, body }: Answer): unknown {
  if (!isJson) {
    if (status >= 200 && status < 300) return body.toString();
    throw new ApiError(status, "", `HTTP status ${status}`);
  }
  const { result, error } = JSON.parse(body.toString()) as {
    result?: unknown;
    error?: { id?: string; status?: number; message?: string; errors?: [] };
  };
  if (!error) return result;
  throw new ApiError(
    error.status ?? status,
    error.id ?? "",
    error.message ?? `HTTP status ${status}`,
    error.errors,
  );
}

function pathOf({
  http: { path },
  index,
  collection,
  args = {},
}: Call): string {
  const values: Record<string, unknown> = { index, collection, ...args };
  const inPath = new Set(["index", "collection"]);
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    inPath.add(name);
    return encodeURIComponent(String(values[name]));
  });
  const query = Object.entries(args)
    .filter(([name]) => !inPath.has(name))
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return query.length === 0 ? filled : `${filled}?${query.join("&")}`;
}

/** OpenSSL's message about a server without TLS is not helpful. */
function reasonOf(message: string): string {
  return /wrong version number|packet length too long/.test(message)
    ? "its response is not TLS. Does it use http://, without --ssl?"
    : message;
}

/** After several attempts (IPv6, then IPv4), the message names each error. */
function connectionLost(error: Error): ConnectionLost {
  const { errors } = error as Partial<AggregateError>;
  const all = (errors ?? [error]) as Error[];
  return new ConnectionLost(
    all.map(({ message }) => reasonOf(message)).join("; "),
    (error as NodeJS.ErrnoException).code,
  );
}
