import {
  INVALID_SPAN_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as tracing,
} from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import should from "should";
import sinon from "sinon";

import { noteArrival, noteHandler } from "../../../../lib/kuzzle/requestState";
import type { Metrics } from "../../../../lib/observability/Metrics";
import { dependencies } from "../../../../package.json";
import { controllerWith, run } from "../../../support/controller";
import { readSamples, valueOf } from "../../../support/exposition";
import { failureOf } from "../../../support/failures";
import { FakeStore } from "../../../support/FakeStore";
import { becomeKuzzle } from "../../../support/kuzzle";
import { newMetrics } from "../../../support/metrics";
import {
  kuzzleRequest,
  kuzzleServices,
  userWith,
} from "../../../support/request";

const BATCH_SIZE = "db.operation.batch.size";

function act(
  action: string,
  args: Record<string, unknown>,
  {
    store = new FakeStore(),
    user = userWith(() => true),
    metrics = newMetrics(),
  } = {},
): Promise<any> {
  return run(
    controllerWith(store, kuzzleServices(), { instruments: metrics }),
    kuzzleRequest(
      { action, index: "nyc", collection: "yellow", ...args },
      { user },
    ),
  );
}

/** Over HTTP, as a client's own request, whose response the plugin writes. */
async function readWritten(
  args: Record<string, unknown>,
  metrics = newMetrics(),
): Promise<unknown> {
  const store = new FakeStore();
  store.put("yellow", "a", { n: 1 });
  const request = kuzzleRequest({
    index: "nyc",
    collection: "yellow",
    body: { ids: ["a", "b"] },
    ...args,
  });
  request.context.connection.id = request.id;
  const leave = becomeKuzzle({ id: "this-node" });
  return run(
    controllerWith(store, kuzzleServices(), { instruments: metrics }),
    noteHandler(noteArrival(request)),
  ).finally(leave);
}

async function countRuns(metrics: Metrics): Promise<Record<string, number>> {
  const { text } = await metrics.render();
  const samples = readSamples(text);
  return Object.fromEntries(
    ["complete", "partial", "failed"].map((outcome) => [
      outcome,
      valueOf(samples, "kuzzle_batch_operation_duration_seconds_count", {
        outcome,
      }),
    ]),
  );
}

function change(
  action: "mWrite" | "mUpdate",
  ids: readonly string[],
  options?: Parameters<typeof act>[2],
): Promise<any> {
  const documents = ids.map((_id) => ({ _id, body: { n: 1 } }));
  return act(action, { body: { documents } }, options);
}

describe("the spans of an application with an OpenTelemetry SDK", () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });

  before(() => should(tracing.setGlobalTracerProvider(provider)).be.true());
  after(() => {
    tracing.disable();
    return provider.shutdown();
  });
  beforeEach(() => exporter.reset());

  function onlySpan(): ReadableSpan {
    const spans = exporter.getFinishedSpans();
    should(spans).have.length(1);
    return spans[0] as ReadableSpan;
  }

  it("[I3] are one for each action, named after it and where it went", async () => {
    await act("batchGet", { body: { ids: ["a", "b"] } });
    await change("mWrite", ["a"]);
    await change("mUpdate", ["a"]);

    should(exporter.getFinishedSpans().map(({ name }) => name)).eql([
      "batchGet nyc/yellow",
      "mWrite nyc/yellow",
      "mUpdate nyc/yellow",
    ]);
  });

  it("[I3] have the attributes of the database conventions", async () => {
    await change("mUpdate", ["a", "b", "c"]);

    const { kind, attributes, status, instrumentationScope } = onlySpan();
    should(attributes).eql({
      "db.system.name": "elasticsearch",
      "db.operation.name": "mUpdate",
      "db.namespace": "nyc",
      "db.collection.name": "yellow",
      [BATCH_SIZE]: 3,
      "kuzzle.batch.update.error": 3,
    });
    should(kind).equal(SpanKind.CLIENT);
    should(status).eql({ code: SpanStatusCode.UNSET });
    should(instrumentationScope.name).equal("kuzzle-plugin-batch");
  });

  it("[I3] name no collection where a whole index was searched", async () => {
    await act("batchGet", { collection: undefined, body: { ids: ["a"] } });

    const { name, attributes } = onlySpan();
    should(name).equal("batchGet nyc");
    should(attributes).have.property("db.namespace", "nyc");
    should(attributes).not.have.property("db.collection.name");
  });

  it("[I3] of batchWrite tell the operations apart, by what became of them", async () => {
    const store = new FakeStore();
    store.put("yellow", "a", { n: 1 });
    await act(
      "batchWrite",
      {
        body: {
          operations: [
            { create: { _id: "b", body: {} } },
            { delete: { _id: "a" } },
            { delete: { _id: "nowhere" } },
          ],
        },
      },
      { store },
    );

    const { name, attributes } = onlySpan();
    should(name).equal("batchWrite nyc/yellow");
    should(attributes).containEql({
      [BATCH_SIZE]: 3,
      "kuzzle.batch.create.done": 1,
      "kuzzle.batch.delete.done": 1,
      "kuzzle.batch.delete.error": 1,
    });
  });

  for (const action of ["mWrite", "mUpdate"] as const) {
    it(`[I3] have a batch size for two or more writes of ${action} only`, async () => {
      await change(action, ["a"]);
      await change(action, ["a", "b"]);

      const [one, two] = exporter.getFinishedSpans();
      should(one?.attributes).not.have.property(BATCH_SIZE);
      should(two?.attributes).have.property(BATCH_SIZE, 2);
    });
  }

  it("[I3] have no batch size for reading", async () => {
    await act("batchGet", { body: { ids: ["a", "b", "c"] } });
    should(onlySpan().attributes).not.have.property(BATCH_SIZE);
  });

  it("[I3] have the error's id where the action failed", async () => {
    await act("mUpdate", { body: {} }).should.be.rejected();

    const { name, status, attributes } = onlySpan();
    should(name).equal("mUpdate");
    should(status.code).equal(SpanStatusCode.ERROR);
    should(attributes).have.property("error.type");
    should(attributes["error.type"]).match(/^batch\.request\./);
  });

  it("[I3] know where a rejected request wanted to go", async () => {
    const user = userWith(() => false);
    await change("mWrite", ["a", "b"], { user }).should.be.rejected();

    const { name, status, attributes } = onlySpan();
    should(name).equal("mWrite nyc/yellow");
    should(status.code).equal(SpanStatusCode.ERROR);
    should(attributes).containEql({
      "error.type": "security.rights.forbidden",
      [BATCH_SIZE]: 2,
    });
  });

  it("[I3] are no errors for documents that failed one by one", async () => {
    const store = new FakeStore({ bulkItem: () => failureOf("mapping") });
    await change("mWrite", ["a", "b"], { store });
    should(onlySpan().status.code).equal(SpanStatusCode.UNSET);
  });

  it("[I3] show no content, no id and no user", async () => {
    const documents = [{ _id: "the-id", body: { secret: "the-content" } }];
    const store = new FakeStore();
    const user = userWith(() => true, "the-user");
    await act("mWrite", { body: { documents } }, { store, user });
    await act("batchGet", { body: { ids: ["the-id"] } }, { store, user });

    const shown = exporter
      .getFinishedSpans()
      .map(({ name, attributes, events }) => [name, attributes, events]);
    should(shown).have.length(2);
    should(JSON.stringify(shown)).not.match(/the-(?:id|content|user)/);
  });

  it("[I3] are one where the answer is written by the plugin", async () => {
    const metrics = newMetrics();
    const written = JSON.parse(String(await readWritten({}, metrics)));
    should(written.result.documents).have.length(1);

    const { name, status } = onlySpan();
    should(name).equal("batchGet nyc/yellow");
    should(status.code).equal(SpanStatusCode.UNSET);
    should(await countRuns(metrics)).eql({
      complete: 1,
      partial: 0,
      failed: 0,
    });
  });

  it("[I3] are one, with the error's id, where no answer was written", async () => {
    const metrics = newMetrics();
    await readWritten({ strict: true }, metrics).should.be.rejected();

    const { name, status, attributes } = onlySpan();
    should(name).equal("batchGet nyc/yellow");
    should(status.code).equal(SpanStatusCode.ERROR);
    should(attributes["error.type"]).equal("batch.get.incomplete");
    should(await countRuns(metrics)).eql({
      complete: 0,
      partial: 0,
      failed: 1,
    });
  });

  it("[I3] of a streamed answer end when the stream does", async () => {
    const leave = becomeKuzzle({});
    const { stream } = await act("batchGet", {
      body: { ids: ["a"] },
      format: "ndjson",
    }).finally(leave);
    should(exporter.getFinishedSpans()).eql([]);

    for await (const line of stream) {
      should(line).be.ok();
    }
    should(onlySpan().name).equal("batchGet nyc/yellow");
  });
});

describe("an application without an OpenTelemetry SDK", () => {
  afterEach(() => sinon.restore());

  it("[I3] pays for no attribute, and is counted all the same", async () => {
    const noSpan = Object.getPrototypeOf(
      tracing.wrapSpanContext(INVALID_SPAN_CONTEXT),
    ) as { setAttribute(): void; updateName(): void; end(): void };
    const setAttribute = sinon.spy(noSpan, "setAttribute");
    const updateName = sinon.spy(noSpan, "updateName");
    const end = sinon.spy(noSpan, "end");
    const metrics = newMetrics();
    await change("mWrite", ["a", "b"], { metrics });

    sinon.assert.calledOnce(end);
    sinon.assert.notCalled(setAttribute);
    sinon.assert.notCalled(updateName);
    const { text } = await metrics.render();
    should(
      valueOf(
        readSamples(text),
        "kuzzle_batch_operation_duration_seconds_count",
      ),
    ).equal(1);
  });

  it("[I3] is not given one by the plugin, whose dependency is the API alone", () => {
    should(
      Object.keys(dependencies).filter((name) =>
        name.startsWith("@opentelemetry/"),
      ),
    ).eql(["@opentelemetry/api"]);
  });
});
