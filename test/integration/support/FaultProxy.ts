import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import _ from "lodash";

import { ENGINE_URL } from "./engine";

/**
 * A call that passed the proxy, and the engine's response, whether or not the caller got
 * it.
 */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface EngineAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/**
 * What happens to a call: `forward` passes it on to the engine, as often and with whatever
 * changes; a response that is left alone is not sent.
 */
export type Fault = (
  call: Call,
  response: ServerResponse,
  forward: (body?: string) => Promise<EngineAnswer>,
) => Promise<void>;

/**
 * A proxy between Kuzzle's client and the engine that forwards everything, except for
 * faults.
 */
export class FaultProxy {
  /** the calls that were passed to the fault */
  readonly seen: Call[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private concerns: (call: Call) => boolean = () => false;
  private fault: Fault = pass;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FaultProxy> {
    const server = createServer((incoming, response) => {
      proxy.handle(incoming, response).catch(() => response.destroy());
    });
    // closing idle connections itself would be another fault
    server.keepAliveTimeout = 0;
    const proxy = new FaultProxy(server);
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Forgets earlier calls. @param action the end of the path: "_bulk", "_mget" */
  disturb(action: string, place: string, fault: Fault): void {
    this.seen.length = 0;
    this.concerns = ({ path }) => {
      const { pathname } = new URL(path, ENGINE_URL);
      return (
        pathname.endsWith(`/${action}`) &&
        decodeURIComponent(pathname).includes(place)
      );
    };
    this.fault = fault;
  }

  /** Forgets what was seen. All calls meet the fault. */
  disturbAll(fault: Fault): void {
    this.seen.length = 0;
    this.concerns = () => true;
    this.fault = fault;
  }

  /** Forgets earlier calls, and only records new ones. @param place a part of the path */
  watch(place: string): void {
    this.seen.length = 0;
    this.concerns = ({ path }) => decodeURIComponent(path).includes(place);
    this.fault = pass;
  }

  /** Waits until the engine has finished all of its calls, whoever sent them. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of incoming) {
      parts.push(part as Buffer);
    }
    const call: Call = {
      method: incoming.method ?? "GET",
      path: incoming.url ?? "/",
      headers: incoming.headers,
      body: Buffer.concat(parts),
    };
    const isConcerned = this.concerns(call);
    if (isConcerned) {
      this.seen.push(call);
    }
    await (isConcerned ? this.fault : pass)(call, response, (body) => {
      const answer = forward(
        call,
        body === undefined ? call.body : Buffer.from(body),
      );
      this.underWay.add(answer);
      return answer.finally(() => this.underWay.delete(answer));
    });
  }
}

export const pass: Fault = async (_call, response, send) => {
  reply(response, await send());
};

/** The engine executes the call, but the caller never learns of it. */
export const cutAfterSending: Fault = async (_call, response, send) => {
  const answer = send();
  response.socket?.destroy();
  await answer;
};

export const halfABody: Fault = async (_call, response, send) => {
  const { status, headers, body } = await send();
  response.writeHead(status, headers);
  response.write(body.subarray(0, body.length / 2), () =>
    response.socket?.destroy(),
  );
};

/** Resets the connection instead of closing it, as a firewall or a killed server does. */
export const resetInABody: Fault = async (_call, response, send) => {
  const { status, headers, body } = await send();
  response.writeHead(status, headers);
  response.write(body.subarray(0, body.length / 2));
  await sleep(50);
  response.socket?.resetAndDestroy();
};

export const silence: Fault = async (_call, _response, send) => {
  await send();
};

/** Answers like a proxy that has timed out waiting for the engine. */
export function gatewayAnswers(status: number): Fault {
  return async (_call, response, send) => {
    await send();
    response.writeHead(status, { "content-type": "text/html" });
    response.end("<html></html>");
  };
}

/** The engine does not receive the call. */
export const refuse: Fault = async (_call, response) => {
  response.writeHead(429, { "content-type": "text/plain" });
  response.end("too many requests");
};

/** Applies the fault to some of the calls. @param which selects by number, from 0 */
export function only(
  which: (nth: number, call: Call) => boolean,
  fault: Fault,
): Fault {
  let count = 0;
  return (call, response, send) =>
    (which(count++, call) ? fault : pass)(call, response, send);
}

/** The engine receives some of a bulk's items; the others are answered with 429. */
export function rejectItems(rejects: () => boolean): Fault {
  return async (call, response, send) => {
    const lines = call.body.toString().trimEnd().split("\n");
    const items = Array.from({ length: lines.length / 2 }, (_, i) => ({
      action: lines[2 * i] as string,
      source: lines[2 * i + 1] as string,
      isRejected: rejects(),
    }));
    const taken = items.filter(({ isRejected }) => !isRejected);
    const answered: object[] = [];
    let headers: EngineAnswer["headers"] = {};
    if (taken.length > 0) {
      const answer = await send(
        taken.map(({ action, source }) => `${action}\n${source}\n`).join(""),
      );
      headers = answer.headers;
      answered.push(
        ...(JSON.parse(answer.body.toString()) as { items: object[] }).items,
      );
    }
    const body = {
      took: 1,
      errors: true,
      items: items.map(({ isRejected, action }) =>
        isRejected ? rejected(action) : answered.shift(),
      ),
    };
    const { "content-length": _, ...rest } = headers;
    reply(response, {
      status: 200,
      headers: { ...rest, "x-elastic-product": "Elasticsearch" },
      body: Buffer.from(JSON.stringify(body)),
    });
  };
}

/**
 * As the engine answers that has lost a node: it has done what was asked, sent it once
 * more by itself, and tells only what came of that.
 */
export const secondAnswer: Fault = async (_call, response, send) => {
  const { headers, body } = await send();
  const { items } = JSON.parse(body.toString()) as {
    items: Array<Record<string, { _id: string }>>;
  };
  const error = {
    type: "unavailable_shards_exception",
    reason: "primary shard is not active Timeout: [1m]",
  };
  const answer = items.map((item) =>
    _.mapValues(item, ({ _id }) => ({ _id, status: 503, error })),
  );
  const { "content-length": _length, ...rest } = headers;
  reply(response, {
    status: 200,
    headers: rest,
    body: Buffer.from(JSON.stringify({ took: 1, errors: true, items: answer })),
  });
};

/** The ids of a multi-get for one collection. */
export function idsOf({ body }: Call): string[] {
  return (JSON.parse(body.toString()) as { ids: string[] }).ids;
}

/** Like `rejectItems`, for a multi-get of one collection. */
export function rejectLookups(rejects: (_id: string) => boolean): Fault {
  return async (call, response, send) => {
    const ids = idsOf(call);
    const taken = ids.filter((_id) => !rejects(_id));
    const { headers, body } = await send(JSON.stringify({ ids: taken }));
    const { docs } = JSON.parse(body.toString()) as { docs: object[] };
    const { "content-length": _, ...rest } = headers;
    reply(response, {
      status: 200,
      headers: rest,
      body: Buffer.from(
        JSON.stringify({
          docs: ids.map((_id) =>
            rejects(_id) ? { _id, error: REJECTION } : docs.shift(),
          ),
        }),
      ),
    });
  };
}

const REJECTION = {
  type: "es_rejected_execution_exception",
  reason: "rejected execution: the queue is full",
};

function rejected(action: string): object {
  const [[operation = "", { _id }] = ["", { _id: "" }]] = Object.entries(
    JSON.parse(action) as Record<string, { _id: string }>,
  );
  return {
    [operation]: {
      _id,
      status: 429,
      error: REJECTION,
    },
  };
}

function reply(
  response: ServerResponse,
  { status, headers, body }: EngineAnswer,
): void {
  const { "transfer-encoding": _, connection: __, ...rest } = headers;
  response.writeHead(status, {
    "content-type": "application/json",
    ...rest,
    "content-length": body.length,
  });
  response.end(body);
}

function forward(call: Call, body: Buffer): Promise<EngineAnswer> {
  const {
    "transfer-encoding": _,
    "content-length": __,
    ...headers
  } = call.headers;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(call.path, ENGINE_URL),
      {
        method: call.method,
        headers: {
          ...headers,
          connection: "close",
          ...(body.length > 0 && { "content-length": body.length }),
        },
        // a new connection: the engine might just be closing a used one
        agent: false,
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 500,
            headers: answer.headers,
            body: Buffer.concat(parts),
          }),
        );
        answer.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
