import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { After, Given, Then, When } from "@cucumber/cucumber";

import { storeText, storedTexts } from "../support/bytes";
import { alias, askEngine, tellEngine } from "../support/engine";
import type { Interference } from "../support/interference";
import { asAdmin } from "../support/kuzzle";
import type { Answer, KuzzleRequest } from "../support/transports";
import { openTransport, sendHttp } from "../support/transports";
import type { BatchWorld } from "../support/world";

const JOURNALS = encodeURIComponent("@%plugin-batch.journals");
const PATIENCE_MS = 10_000;

/** What happens besides a scenario's own requests. */
interface AtomicWorld extends BatchWorld {
  texts?: Map<string, string | null>;
  underWay?: Promise<void>;
  many?: Answer[];
}

Given(
  "{string} stores the text of {string}:",
  async function (this: BatchWorld, address: string, id: string, text: string) {
    await this.needCollection(address);
    await storeText(alias(address), id, text);
  },
);

Given(
  "another client writes just before the {word}:",
  function (this: BatchWorld, step: "bulk" | "rollback", documents: string) {
    return interfere({
      step,
      kind: "foreign writes",
      documents: this.read(documents) as Record<string, object | null>,
    });
  },
);

Given(
  "the collection is recreated just before the {word}, with:",
  function (this: BatchWorld, step: "bulk" | "rollback", documents: string) {
    return interfere({
      step,
      kind: "created anew",
      documents: this.read(documents) as Record<string, object | null>,
    });
  },
);

Given(
  "the {word} waits for {int} ms",
  function (step: "bulk", delayMs: number) {
    return interfere({ step, kind: "delay", delayMs });
  },
);

Given("the answer to the {word} is lost", function (step: "bulk" | "rollback") {
  return interfere({ step, kind: "lost answer" });
});

After({ tags: "@interference" }, () => interfere(undefined));

async function interfere(plan: Interference | undefined): Promise<void> {
  await asAdmin({
    controller: "features",
    action: "interfere",
    body: plan === undefined ? {} : { plan },
  });
}

Given("the engine rejects journals", () => blockJournals(true));

After({ tags: "@no-journals" }, () => blockJournals(false));

async function blockJournals(isBlocked: boolean): Promise<void> {
  await tellEngine("PUT", `/${JOURNALS}/_settings`, {
    index: { "blocks.write": isBlocked },
  });
}

Given(
  "I remember {string} byte for byte",
  async function (this: AtomicWorld, address: string) {
    this.texts = await allTexts(address);
  },
);

Then(
  "{string} is byte for byte as it was",
  async function (this: AtomicWorld, address: string) {
    assert.ok(this.texts !== undefined, "Nothing was remembered");
    assert.deepEqual(await allTexts(address), this.texts);
  },
);

async function allTexts(address: string): Promise<Map<string, string | null>> {
  await tellEngine("POST", `/${alias(address)}/_refresh`);
  const { hits } = (await tellEngine("POST", `/${alias(address)}/_search`, {
    size: 1_000,
    _source: false,
    sort: "_doc",
  })) as { hits: { hits: { _id: string }[] } };
  const ids = hits.hits.map(({ _id }) => _id).sort();
  const texts = await storedTexts(alias(address), ids);

  return new Map(
    [...texts].map(([id, stored]) => [id, stored?.text ?? null] as const),
  );
}

Then("no journal is pending", async () => {
  const deadline = Date.now() + PATIENCE_MS;

  for (;;) {
    await tellEngine("POST", `/${JOURNALS}/_refresh`);
    const { body } = await askEngine("POST", `/${JOURNALS}/_count`, {
      query: { terms: { state: ["pending", "rolling_back"] } },
    });
    if (body["count"] === 0) {
      return;
    }
    assert.ok(Date.now() < deadline, `${String(body["count"])} are pending`);
    await sleep(100);
  }
});

Then(
  "the journal of the error is {string}",
  async function (this: BatchWorld, state: string) {
    const { message = "" } = this.answer.error ?? {};
    const [, id] = /Journal: ([\w-]+)/.exec(message) ?? [];

    assert.ok(id !== undefined, `The error should name a journal: ${message}`);
    const { body } = await askEngine("GET", `/${JOURNALS}/_doc/${id}`);
    assert.equal(
      (body["_source"] as { state?: string } | undefined)?.state,
      state,
    );
  },
);

// ----------------------------------------------------------- idempotency

/** Keys are kept for a day, and the same features run over several protocols. */
Given("a fresh idempotency key", function (this: BatchWorld) {
  this.remembered.set("key", randomUUID());
});

When("I send it again", function (this: BatchWorld) {
  return this.send(this.lastRequest);
});

When(
  "I send it again with {arguments}",
  function (this: BatchWorld, args: string) {
    return this.send({
      ...this.lastRequest,
      ...(this.read(args) as Record<string, unknown>),
    });
  },
);

When(
  "it is sent without waiting:",
  async function (this: AtomicWorld, request: string) {
    const first = await openTransport(this.parameters.protocol);
    const { token } = this;
    const body = this.read(request) as KuzzleRequest;

    this.underWay = first
      .send(token === undefined ? body : { ...body, jwt: token })
      .then((answer) => {
        assert.equal(answer.error, null, JSON.stringify(answer.error));
        return first.close();
      });
    await sleep(300);
    await this.send(body);
  },
);

Then("the request sent without waiting succeeds", function (this: AtomicWorld) {
  return this.underWay;
});

When(
  "{int} of it are sent at once over two connections:",
  async function (this: AtomicWorld, count: number, request: string) {
    const { protocol } = this.parameters;
    const one = await openTransport(protocol);
    const other = await openTransport(protocol);
    const connections = [one, other];
    const body = this.read(request) as KuzzleRequest;
    const { token } = this;

    this.many = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        (i % 2 === 0 ? one : other).send({
          ...body,
          ...(token !== undefined && { jwt: token }),
        }),
      ),
    );
    await Promise.all(connections.map((connection) => connection.close()));
    // as in any other scenario, later steps check the last answer
    await this.send(body);
  },
);

Then(
  "one of them was executed, and the others repeat it or say that it runs",
  function (this: AtomicWorld) {
    const answers = this.many ?? [];
    const executed = answers.filter(
      ({ error, result }) =>
        error === null &&
        (result as { stats: { replayed?: boolean } }).stats.replayed !== true,
    );

    assert.equal(executed.length, 1);
    for (const { error } of answers) {
      if (error !== null) {
        assert.equal(error.id, "batch.idempotency.in_progress");
      }
    }
  },
);

Then(
  "the answer is the remembered one, except for its replayed flag",
  function (this: BatchWorld) {
    const { stats, ...result } = this.result;
    const first = this.remembered.get("answer") as typeof this.result;
    const { stats: firstStats, ...firstResult } = first;

    assert.deepEqual(result, firstResult);
    assert.deepEqual(stats, { ...(firstStats as object), replayed: true });
  },
);

Given("I remember the answer", function (this: BatchWorld) {
  this.remembered.set("answer", this.result);
});

When(
  "I POST {string} over HTTP with the key as a header:",
  async function (this: BatchWorld, path: string, body: string) {
    const key = this.remembered.get("key") as string;

    this.accept(
      await sendHttp("POST", path, this.read(body), this.token, {
        "idempotency-key": key,
      }),
    );
  },
);
