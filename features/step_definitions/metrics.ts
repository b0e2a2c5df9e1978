import assert from "node:assert/strict";

import {
  AfterAll,
  type DataTable,
  Given,
  Then,
  When,
} from "@cucumber/cucumber";

import {
  readSamples,
  readTypes,
  type Sample,
} from "../../test/support/exposition";
import { kuzzleUrl } from "../support/environment";
import { adminJwt } from "../support/kuzzle";
import { monitoredKuzzle, stopMonitoredKuzzle } from "../support/monitored";
import { openTransport } from "../support/transports";
import type { BatchWorld } from "../support/world";

const PATIENCE_MS = { timeout: 120_000 };

/** Metrics that count requests and documents; times and gauges depend on the moment. */
const COUNTED = /_(?:total|count)$|_request_documents_sum$/;

/** Activity of the plugin that does not depend on requests. */
const OF_ITS_OWN = ["journal", "tasks"];

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

let noted = new Map<string, number>();
let page: Page | null = null;

Given("the metrics as they are now", async function (this: BatchWorld) {
  noted = await counts(this);
});

Then(
  "the metrics have grown by exactly:",
  async function (this: BatchWorld, expected: DataTable) {
    const now = await counts(this);
    const grown = [...now]
      .map(([key, value]) => [key, value - (noted.get(key) ?? 0)] as const)
      .filter(([, growth]) => growth !== 0)
      .map(([key, growth]) => `${key} ${growth}`);

    assert.deepEqual(
      grown.sort(),
      expected
        .raw()
        .map(([key = "", growth = ""]) => `kuzzle_batch_${key} ${growth}`)
        .sort(),
    );
  },
);

Then(
  "the metrics over this protocol are a content type and a text",
  async function (this: BatchWorld) {
    const answer = await ask(this);

    assert.equal(answer.error, null);
    const { contentType, text, ...rest } = answer.result as Page;

    assert.match(contentType, /^text\/plain; version=0\.0\.4/);
    assert.ok(readTypes(text).has("kuzzle_batch_inflight"), text);
    assert.deepEqual(rest, {});
  },
);

When("I GET {string}", async function (this: BatchWorld, path: string) {
  page = await get(kuzzleUrl + path, this.token);
});

Given("a Kuzzle with kuzzle-plugin-prometheus", PATIENCE_MS, async () => {
  await monitoredKuzzle();
});

When(
  "a batchGet is sent to it, and then a GET of {string}",
  PATIENCE_MS,
  async (path: string) => {
    const { url } = await monitoredKuzzle();

    await fetch(`${url}/_/batch/nowhere/_batchGet`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${adminJwt()}`,
      },
      body: JSON.stringify({ ids: ["a"] }),
    });
    page = await get(url + path, adminJwt());
  },
);

Then("the answer is Prometheus text, of this plugin alone", () => {
  const types = [...readTypes(thePage().text).keys()];

  assertText();
  assert.ok(types.length > 5, types.join(", "));
  assert.deepEqual(
    types.filter((name) => !name.startsWith("kuzzle_batch_")),
    [],
  );
});

/** Both plugins' metrics, each declared once, and ours include the last requests. */
Then("the answer is Prometheus text, of both plugins", () => {
  const { text } = thePage();
  const declared = [...text.matchAll(/^# TYPE (\S+)/gm)].map(
    ([, name]) => name,
  );
  const samples = readSamples(text);

  assertText();
  assert.deepEqual(declared, [...new Set(declared)]);
  assert.ok(declared.includes("kuzzle_api_request_duration_ms"), text);
  assert.ok(declared.includes("process_cpu_user_seconds_total"), text);
  assert.ok(
    samples.some(
      ({ name, labels, value }) =>
        name === "kuzzle_batch_operation_duration_seconds_count" &&
        labels["action"] === "batchGet" &&
        value > 0,
    ),
    text,
  );
});

Then("the answer is Kuzzle's own, in JSON", () => {
  const { result, error } = JSON.parse(thePage().text) as Record<
    string,
    Record<string, unknown>
  >;

  assert.equal(error, null);
  assert.ok(result !== undefined && "api" in result, thePage().text);
});

Then("the answer is Kuzzle's own error with {int}", (status: number) => {
  const { error } = JSON.parse(thePage().text) as { error: Page };

  assert.equal(thePage().status, status);
  assert.equal(error.status, status);
});

AfterAll(PATIENCE_MS, stopMonitoredKuzzle);

function assertText(): void {
  const { status, contentType } = thePage();

  assert.equal(status, 200);
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
}

async function get(url: string, token: string | undefined): Promise<Page> {
  const response = await fetch(url, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });

  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text: await response.text(),
  };
}

/** Each counter by name and labels. */
async function counts(world: BatchWorld): Promise<Map<string, number>> {
  const text =
    world.parameters.protocol === "http"
      ? (await get(`${kuzzleUrl}/_/batch/metrics`, adminJwt())).text
      : ((await ask(world)).result as Page).text;

  return new Map(
    readSamples(text)
      .filter(({ name }) => COUNTED.test(name))
      .filter(({ labels }) => !OF_ITS_OWN.includes(labels["operation"] ?? ""))
      .map((sample) => [keyOf(sample), sample.value]),
  );
}

function keyOf({ name, labels }: Sample): string {
  return [name, ...Object.values(labels)].join(" ");
}

/** Over the scenario's protocol, as the administrator, on a separate connection. */
async function ask(world: BatchWorld) {
  const transport = await openTransport(world.parameters.protocol);

  try {
    return await transport.send({
      controller: "batch",
      action: "metrics",
      jwt: adminJwt(),
    });
  } finally {
    await transport.close();
  }
}

function thePage(): Page {
  assert.ok(page !== null, "Nothing was fetched yet");

  return page;
}
