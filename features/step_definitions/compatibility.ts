import assert from "node:assert/strict";

import { Given, Then, When } from "@cucumber/cucumber";

import * as seeds from "../../test/fixtures/seeds";
import { type Shape, shapeProblems } from "../../test/support/shape";
import { splitAddress } from "../support/engine";
import { kuzzleUrl } from "../support/environment";
import { asAdmin } from "../support/kuzzle";
import { assertMatches } from "../support/notation";
import {
  type Answer,
  type KuzzleRequest,
  sendHttp,
} from "../support/transports";
import type { BatchWorld } from "../support/world";

const SHAPES: Record<string, Shape> = {
  "mGet of Kuzzle 1": seeds.V1_MGET,
  "mUpdate of Kuzzle 1": seeds.V1_MUPDATE,
  "batch-get of Mixpeek": seeds.MIXPEEK_BATCH_GET,
  "batch-get of Mixpeek, nothing signed": seeds.MIXPEEK_UNSIGNED,
  "bulk:mWrite": seeds.MWRITE,
};

Given(
  "a document {string} in {string} as Mixpeek's example has it",
  async function (this: BatchWorld, _id: string, address: string) {
    const [index, collection] = splitAddress(address);

    await this.needCollection(address);
    await asAdmin({
      controller: "document",
      action: "create",
      index,
      collection,
      _id,
      body: structuredClone(seeds.MIXPEEK_SOURCE),
    });
  },
);

Given("I am known by an API key", async function (this: BatchWorld) {
  const { result } = await asAdmin({
    controller: "auth",
    action: "createApiKey",
    body: { description: "features" },
    refresh: "wait_for",
  });
  const { _source } = result as { _source: { token: string } };

  this.users.set("an API key", _source.token);
  this.actAs("an API key");
});

When(
  "I ask natively for {string} in {string}:",
  function (this: BatchWorld, name: string, place: string, body: string) {
    return this.send(nativeRequest(name, place, {}, this.read(body)));
  },
);

When(
  "I ask natively for {string} in {string} with {arguments}:",
  function (
    this: BatchWorld,
    name: string,
    place: string,
    args: string,
    body: string,
  ) {
    return this.send(
      nativeRequest(name, place, this.read(args), this.read(body)),
    );
  },
);

When(
  "I {word} as with Kuzzle 1 in {string}:",
  function (this: BatchWorld, action: string, place: string, body: string) {
    return this.send(v1Request(action, place, {}, this.read(body)));
  },
);

When(
  "I {word} as with Kuzzle 1 in {string} with {arguments}:",
  function (
    this: BatchWorld,
    action: string,
    place: string,
    args: string,
    body: string,
  ) {
    return this.send(
      v1Request(action, place, this.read(args), this.read(body)),
    );
  },
);

/** Over HTTP with the header, as clients do; otherwise with the argument. */
When(
  "I batch-get from the namespace {string}:",
  async function (this: BatchWorld, namespace: string, text: string) {
    const body = this.read(text);

    if (this.parameters.protocol === "http") {
      this.accept(
        await batchGetOverHttp("", body, this.token, {
          "X-Namespace": namespace,
        }),
      );
    } else {
      await this.send({
        controller: "batch/documents",
        action: "batchGet",
        namespace,
        body,
      });
    }
  },
);

When(
  "I batch-get over HTTP with the query {string} and the headers {arguments}:",
  async function (
    this: BatchWorld,
    query: string,
    headers: string,
    body: string,
  ) {
    this.accept(
      await batchGetOverHttp(
        query,
        this.read(body),
        this.token,
        this.read(headers) as Record<string, string>,
      ),
    );
  },
);

/** Except for the client library's own key: Kuzzle adds `room` over WebSocket, nothing over MQTT. */
Then(
  "the answer has the keys and types of {string}, and no other",
  function (this: BatchWorld, name: string) {
    assertShape(this, SHAPES[name]);
  },
);

Then(
  "the answer has the keys and types of {string}, and an error next to the result",
  function (this: BatchWorld, name: string) {
    assertShape(this, {
      ...(SHAPES[name] as object),
      error: seeds.V1_PARTIAL_ERROR,
    });
  },
);

Then("the answer matches:", function (this: BatchWorld, expected: string) {
  assertMatches(this.answer, this.read(expected), "answer");
});

Then(
  "{word} {string} over HTTP has the status {int} for:",
  async function (
    this: BatchWorld,
    verb: string,
    path: string,
    status: number,
    body: string,
  ) {
    const response = await fetch(kuzzleUrl + path, {
      method: verb,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${this.token}`,
      },
      body: JSON.stringify(this.read(body)),
    });

    assert.equal(response.status, status);
    assert.match(
      response.headers.get("content-type") ?? "",
      /^application\/json/,
    );
    await response.arrayBuffer();
  },
);

Then(
  "a browser may not send {string} to {string}",
  async function (this: BatchWorld, header: string, path: string) {
    const response = await fetch(kuzzleUrl + path, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": header,
      },
    });
    const allowed = (response.headers.get("access-control-allow-headers") ?? "")
      .split(",")
      .map((name) => name.trim().toLowerCase());

    await response.arrayBuffer();
    assert.ok(allowed.includes("authorization"), String(allowed));
    assert.ok(!allowed.includes(header.toLowerCase()), String(allowed));
  },
);

/**
 * The same requests on two collections with the same documents: with the plugin's pipes on native
 * actions, and without.
 */
Then(
  "on {string} with the plugin's pipes, and on {string} without, these answer the same, {string} aside:",
  async function (
    this: BatchWorld,
    withPipes: string,
    withoutPipes: string,
    aside: string,
    text: string,
  ) {
    for (const request of this.read(text) as KuzzleRequest[]) {
      await this.send({ ...request, ...placeOf(withPipes) });
      const ours = this.answer;

      await switchBatchPipes(false);
      try {
        await this.send({ ...request, ...placeOf(withoutPipes) });
      } finally {
        await switchBatchPipes(true);
      }
      assert.deepEqual(
        comparable(ours, withPipes, aside),
        comparable(this.answer, withoutPipes),
        `${request.controller}:${request.action}`,
      );
    }
  },
);

function v1Request(
  action: string,
  place: string,
  args: unknown,
  body: unknown,
): KuzzleRequest {
  return {
    ...(args as Record<string, unknown>),
    controller: "batch/v1",
    action,
    ...placeOf(place),
    body,
  };
}

function nativeRequest(
  name: string,
  place: string,
  args: unknown,
  body: unknown,
): KuzzleRequest {
  const [controller = "", action = ""] = name.split(":");

  return {
    ...(args as Record<string, unknown>),
    controller,
    action,
    ...placeOf(place),
    body,
  };
}

function placeOf(address: string): { index: string; collection: string } {
  const [index, collection] = splitAddress(address);

  return { index, collection };
}

function batchGetOverHttp(
  query: string,
  body: unknown,
  token: string | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  return sendHttp(
    "POST",
    `/v1/documents/batch-get${query}`,
    body,
    token,
    headers,
  );
}

function assertShape(world: BatchWorld, shape: Shape | undefined): void {
  const { room, ...answer } = world.answer;
  const { protocol } = world.parameters;
  const hasRequestId =
    typeof shape === "object" && shape !== null && "requestId" in shape;

  assert.ok(shape !== undefined, "No such seed");
  assert.equal(room !== undefined, protocol === "websocket");
  if (protocol === "mqtt" && !hasRequestId) {
    // it differs by request
    delete answer["requestId"];
  }
  assert.deepEqual(shapeProblems(answer, shape), []);
}

async function switchBatchPipes(on: boolean): Promise<void> {
  await asAdmin({
    controller: "features",
    action: "batchPipes",
    body: { on },
  });
}

/** Without what differs between requests, and without what the plugin adds. */
function comparable(answer: Answer, address: string, aside = "room"): unknown {
  const { collection } = placeOf(address);
  const text = JSON.stringify(answer, (key, value: unknown) =>
    ["requestId", "room", "node", "createdAt", "updatedAt", aside].includes(key)
      ? undefined
      : value,
  );

  return JSON.parse(text.replaceAll(collection, "<collection>"));
}
