/** What the SDK's own protocols reject with, on misbehaving servers. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { Http, Kuzzle, WebSocket } from "kuzzle-sdk";
import should from "should";
import { WebSocketServer, type WebSocket as Line } from "ws";

import { BatchError } from "../../../client/index";
import { Connection } from "../../../client/transport/Connection";
import { RequestSender } from "../../../client/transport/RequestSender";
import { calmWebSocket } from "../../../client/transport/calmWebSocket";
import { SYSTEM_CLOCK } from "../../../client/transport/clock";
import type { Sdk, SdkRequest } from "../../../client/transport/sdk";
import {
  restOutcome,
  classifyError,
} from "../../../client/transport/errorClassifier";

const REQUEST = { controller: "batch", action: "limits" };

type Closing = () => Promise<void> | void;
const closings: Closing[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function httpServer(handle: RequestListener): Promise<number> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function answer(body: object | string): RequestListener {
  const isText = typeof body === "string";
  return (_request, response) => {
    response.writeHead(200, {
      "content-type": isText ? "text/html" : "application/json",
    });
    response.end(isText ? body : JSON.stringify(body));
  };
}

/** `handle` serves `batch:limits`. */
async function overHttp(handle: RequestListener): Promise<Kuzzle> {
  const api = { batch: { limits: { http: [{ url: "/l", verb: "GET" }] } } };
  const port = await httpServer((request, response) =>
    request.url === "/_publicApi"
      ? answer({ result: api })(request, response)
      : handle(request, response),
  );
  const kuzzle = new Kuzzle(new Http("127.0.0.1", { port, timeout: 200 }));
  await kuzzle.connect();
  return kuzzle;
}

async function overWebSocket(
  handle: (line: Line, socket: Socket, message: any) => void,
): Promise<Kuzzle> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (line, { socket }) =>
    line.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { controller: string };
      if (message.controller === "batch") handle(line, socket, message);
    }),
  );
  const { port } = server.address() as AddressInfo;
  const kuzzle = new Kuzzle(
    new WebSocket("127.0.0.1", { port, autoReconnect: false }),
  );
  closings.push(() => {
    kuzzle.disconnect();
    server.clients.forEach((each) => each.terminate());
    server.close();
  });
  calmWebSocket(kuzzle);
  await kuzzle.connect();
  return kuzzle;
}

function senderOf(kuzzle: Kuzzle): RequestSender<SdkRequest> {
  const sdk = kuzzle as Sdk;
  const connection = new Connection(sdk, SYSTEM_CLOCK, () => undefined);
  return new RequestSender(connection, SYSTEM_CLOCK);
}

async function rejectionOn(kuzzle: Kuzzle): Promise<unknown> {
  return kuzzle.query(REQUEST, { queuable: false }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

function kuzzleError(id: string, status: number): object {
  return { id, status, code: 1, message: id };
}

describe("what the SDK rejects with", () => {
  it("is lost when a WebSocket is cut, and unsent after that", async () => {
    const kuzzle = await overWebSocket((_line, socket) => socket.destroy());

    should(classifyError(await rejectionOn(kuzzle))).equal("lost");
    should(classifyError(await rejectionOn(kuzzle))).equal("unsent");
  });

  it("is lost when a WebSocket is closed as for a message that is too large", async () => {
    const kuzzle = await overWebSocket((line) => line.close(1009));

    should(classifyError(await rejectionOn(kuzzle))).equal("lost");
  });

  it("never comes on a WebSocket that was closed cleanly: the sender sends nothing on it", async () => {
    const kuzzle = await overWebSocket((line) => line.close(1000));
    const sender = senderOf(kuzzle);
    const send = (): Promise<unknown> =>
      sender.send(REQUEST, {
        identity: undefined,
        abortGraceMs: 0,
        isRepeatable: true,
        retryForMs: 1_000,
      });

    should(await send()).match({ kind: "unknown" });
    should(kuzzle.connected).be.true();
    await should(send()).rejectedWith(BatchError as never, {
      id: "batch.client.disconnected",
    });
  });

  it("is lost when the SDK's own timeout ends", async () => {
    const kuzzle = await overWebSocket(() => undefined);
    kuzzle.requestTimeout = 20;

    should(classifyError(await rejectionOn(kuzzle))).equal("lost");
  });

  it("is lost when HTTP is cut, or the response is missing or incomplete", async () => {
    for (const handle of [
      (request) => void request.socket.destroy(),
      () => undefined,
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"result": {');
      },
    ] satisfies RequestListener[]) {
      const kuzzle = await overHttp(handle);
      should(classifyError(await rejectionOn(kuzzle))).equal("lost");
    }
  });

  it("is unsent if nobody listens", async () => {
    const kuzzle = await overHttp(answer({}));
    for (const close of closings.splice(0)) await close();
    await sleep(50); // until the closed keep-alive connections are noticed

    should(classifyError(await rejectionOn(kuzzle))).equal("unsent");
  });

  it("is hopeless if HTTP has no route", async () => {
    const kuzzle = await overHttp(answer({}));
    const error: unknown = await kuzzle
      .query({ controller: "batch", action: "mWrite" }, { queuable: false })
      .catch((reason: unknown) => reason);

    should(classifyError(error)).equal("final");
    should(restOutcome(error)).equal("nothing done");
  });

  it("is lost when a proxy responds with its own page", async () => {
    const kuzzle = await overHttp(answer("<html>502 Bad Gateway</html>"));
    const sent = await senderOf(kuzzle).send(REQUEST, {
      identity: undefined,
      abortGraceMs: 0,
      isRepeatable: false,
      retryForMs: 100,
    });

    should(sent.kind).equal("unknown");
  });

  for (const [id, status, errorClass] of [
    ["api.process.overloaded", 503, "busy"],
    ["api.process.too_many_requests", 429, "busy"],
    ["network.entrypoint.shutting_down", 503, "busy"],
    ["batch.idempotency.in_progress", 409, "running"],
    ["batch.idempotency.abandoned", 500, "abandoned"],
    ["security.token.expired", 401, "token"],
    ["batch.engine.unavailable", 503, "busy"],
    ["security.rights.forbidden", 403, "final"],
    ["plugin.runtime.unexpected_error", 500, "final"],
    ["services.storage.not_connected", 503, "lost"],
    ["batch.write.rolled_back", 503, "final"],
  ] as const) {
    it(`is ${errorClass} for ${id}, over HTTP and WebSocket`, async () => {
      const error = kuzzleError(id, status);
      for (const kuzzle of [
        await overHttp(answer({ status, error, result: null })),
        await overWebSocket((line, _socket, { requestId }) =>
          line.send(JSON.stringify({ room: requestId, status, error })),
        ),
      ]) {
        should(classifyError(await rejectionOn(kuzzle))).equal(errorClass);
      }
    });
  }
});

describe("what is left of a request that ended with an error", () => {
  for (const [id, status, outcome] of [
    ["batch.write.incomplete", 400, "done"],
    ["batch.update.incomplete", 400, "done"],
    ["batch.write.refused", 400, "nothing done"],
    ["batch.write.rolled_back", 503, "nothing done"],
    ["batch.write.too_large", 413, "nothing done"],
    ["batch.write.outcome_unknown", 500, "unknown"],
    ["batch.idempotency.abandoned", 500, "unknown"],
    ["batch.idempotency.mismatch", 422, "nothing done"],
    ["api.process.overloaded", 503, "nothing done"],
    ["batch.request.invalid", 400, "nothing done"],
    ["batch.engine.unavailable", 503, "nothing done"],
    ["batch.pipe.invalid", 500, "unknown"],
    ["security.rights.forbidden", 403, "nothing done"],
    ["services.storage.unknown_collection", 412, "nothing done"],
    ["services.storage.write_limit_exceeded", 413, "nothing done"],
    ["network.http.request_too_large", 413, "nothing done"],
    ["plugin.runtime.pipe_timeout", 504, "unknown"],
    ["an.application.pipe", 403, "unknown"],
  ] as const) {
    it(`is ${outcome} for ${id}`, () => {
      const error = Object.assign(new Error(id), { id, status });
      should(restOutcome(error)).equal(outcome);
    });
  }
});
