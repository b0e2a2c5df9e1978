/**
 * What the API Action page of Kuzzle's admin console (4.x) does with an action: it lists
 * those of `server:publicApi`, generates a form from `server:openapi`, and sends the form
 * with the SDK over WebSocket.
 */
import assert from "node:assert/strict";

import { Kuzzle, WebSocket } from "kuzzle-sdk";

import { environment } from "../../features/support/environment";
import {
  adminJwt,
  createCollection,
  releaseCollection,
  writeDocuments,
} from "../../features/support/kuzzle";
import { pluginDocument, type Paths } from "../../scripts/checks/openapi";

const INDEX = "console";
const COLLECTION = "books";
const PLACE = { index: INDEX, collection: COLLECTION };

/** `server:publicApi`: by controller and action. */
type PublicApi = Record<
  string,
  Record<string, { http?: Array<{ url: string; verb: string }> }>
>;

/** A form: the whole request as one JSON object that the user edits. */
interface Form {
  controller: string;
  action: string;
  body: Record<string, unknown>;
  [argument: string]: unknown;
}

interface Case {
  /** what the user types; other lines are deleted or left unchanged */
  readonly typed: Record<string, unknown>;
  readonly body?: Record<string, unknown>;
  readonly sees: (answer: any) => void;
}

const dune = { _id: "dune", body: { title: "Dune" } };

const CASES: Record<string, Case> = {
  "batch:batchGet": {
    // the lines for the collection and all others are left unchanged
    typed: { index: INDEX },
    body: { ids: ["dune", "nowhere"] },
    sees: ({ result }) => {
      assert.deepEqual(
        result.documents.map(({ _source }: any) => _source),
        [{ title: "Dune" }],
      );
      assert.deepEqual(result.not_found, ["nowhere"]);
    },
  },
  "batch:mWrite": {
    typed: { ...PLACE, strict: true },
    body: { documents: [dune] },
    sees: ({ result }) => {
      assert.equal(result.successes[0]._id, "dune");
      assert.equal(result.stats.written, 1);
    },
  },
  "batch:mUpdate": {
    typed: { ...PLACE, source: true },
    body: { documents: [{ _id: "dune", body: { year: 1965 } }] },
    sees: ({ result }) => {
      assert.deepEqual(result.successes[0]._source.year, 1965);
    },
  },
  "batch:batchWrite": {
    typed: { ...PLACE, strict: true },
    body: {
      operations: [
        { update: { _id: "dune", body: { year: 1965 } } },
        { upsert: { _id: "emma", changes: { year: 1815 } } },
      ],
    },
    sees: ({ result }) => {
      assert.deepEqual(
        result.results.map(({ op, _id }: any) => `${op} ${_id}`),
        ["update dune", "upsert emma"],
      );
      assert.deepEqual(result.errors, []);
    },
  },
  "batch:limits": {
    typed: {},
    sees: ({ result }) => {
      assert.equal(result.maxRequestBytes, 1024 * 1024);
    },
  },
  "batch:metrics": {
    typed: {},
    sees: ({ result }) => {
      assert.match(result.text, /^kuzzle_batch_documents_total\{/m);
    },
  },
  "batch/v1:mGet": {
    typed: PLACE,
    body: { ids: ["dune"] },
    sees: ({ result }) => {
      assert.equal(result.hits[0]._id, "dune");
      assert.equal(result.total, 1);
    },
  },
  "batch/v1:mUpdate": {
    typed: PLACE,
    body: { documents: [{ _id: "dune", body: { year: 1965 } }] },
    sees: ({ result }) => {
      assert.equal(result.hits[0]._type, COLLECTION);
    },
  },
  "batch/documents:batchGet": {
    typed: { namespace: INDEX },
    body: { document_ids: ["dune", "nowhere"] },
    sees: ({ documents, not_found }) => {
      assert.equal(documents[0].document_id, "dune");
      assert.deepEqual(not_found, ["nowhere"]);
    },
  },
};

describe("the admin console's API Action page", () => {
  let sdk: Kuzzle;
  let publicApi: PublicApi;
  let paths: Paths;

  before(async () => {
    await createCollection(`${INDEX}:${COLLECTION}`);
    sdk = new Kuzzle(
      new WebSocket(environment.kuzzleHost, { port: environment.kuzzlePort }),
    );
    await sdk.connect();
    sdk.jwt = adminJwt();
    ({ publicApi, paths } = await openPage());
  });

  beforeEach(() =>
    writeDocuments(`${INDEX}:${COLLECTION}`, { dune: { title: "Dune" } }),
  );

  after(async () => {
    sdk.disconnect();
    await releaseCollection(`${INDEX}:${COLLECTION}`, false);
  });

  async function openPage(): Promise<{ publicApi: PublicApi; paths: Paths }> {
    const { result } = await sdk.query({
      controller: "server",
      action: "publicApi",
    });
    const [ofKuzzle, ofApplication] = await Promise.all(
      ["kuzzle", "app"].map((scope) =>
        sdk.query({ controller: "server", action: "openapi", scope }),
      ),
    );
    // this is a raw response: the document is not in `result`
    return {
      publicApi: result,
      paths: {
        ...(ofApplication as unknown as { paths: Paths }).paths,
        ...(ofKuzzle as unknown as { paths: Paths }).paths,
      },
    };
  }

  /** Every argument is empty; the body's fields depend on their types. */
  function formOf(name: string): Form {
    const [controller = "", action = ""] = name.split(":");
    const route = publicApi[controller]?.[action]?.http?.[0];
    assert.ok(route, `${name} has no route`);
    const path = route.url.replaceAll(
      /:[^,/]+/g,
      (part) => `{${part.slice(1)}}`,
    );
    const operation = paths[path]?.[route.verb.toLowerCase()];
    assert.ok(operation, `${route.verb} ${path} is not described`);
    const { properties } =
      operation.requestBody.content["application/json"]!.schema;

    return {
      controller,
      action,
      body: Object.fromEntries(
        Object.entries(properties).map(([key, schema]) => [
          key,
          emptyOf((schema as { type?: string }).type),
        ]),
      ),
      ...Object.fromEntries(
        operation.parameters.map((each) => [each.name, ""]),
      ),
    };
  }

  /** The page shows the response, or the error as the SDK throws it. */
  async function run(form: Form): Promise<{ answer?: any; error?: any }> {
    return sdk.query(form as never).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
  }

  it("lists every action of the plugin", () => {
    const listed = Object.entries(publicApi)
      .filter(([controller]) => /^batch(\/|$)/.test(controller))
      .flatMap(([controller, actions]) =>
        Object.keys(actions).map((action) => `${controller}:${action}`),
      );
    assert.deepEqual(listed.sort(), Object.keys(CASES).sort());
  });

  it("has the descriptions that are linted", () => {
    const { paths: linted } = pluginDocument();
    const served = Object.keys(linted).map((path) => [path, paths[path]]);
    assert.deepEqual(Object.fromEntries(served), linted);
    const ours = Object.keys(paths).filter((path) =>
      /^\/(_\/batch|v1)\//.test(path),
    );
    assert.deepEqual(ours.sort(), Object.keys(linted).sort());
  });

  it("[D1] shows a partial response of Kuzzle 1 as an error, because the SDK does", async () => {
    const { error } = await run({
      controller: "batch/v1",
      action: "mGet",
      ...PLACE,
      body: { ids: ["dune", "nowhere"] },
    });
    assert.equal(error.status, 206);
    assert.equal(error.count, 1);
    assert.equal(error.errors[0]._id, "nowhere");
  });

  for (const [name, { typed, body, sees }] of Object.entries(CASES)) {
    describe(name, () => {
      it("has a line in the form for everything that is typed", () => {
        const form = formOf(name);
        for (const key of Object.keys(typed)) {
          assert.equal(form[key], "", key);
        }
        for (const [key, value] of Object.entries(body ?? {})) {
          assert.deepEqual(form.body[key], emptyOf(typeOf(value)), key);
        }
      });

      it("runs", async () => {
        const { controller, action } = formOf(name);
        const { answer, error } = await run({
          controller,
          action,
          ...typed,
          body: body ?? {},
        });
        assert.equal(error, undefined);
        sees(answer);
      });

      it("[R4] runs with the other lines unchanged, including the body's", async () => {
        const form = formOf(name);
        const { answer, error } = await run({
          ...form,
          ...typed,
          body: { ...form.body, ...body },
        });
        assert.equal(error, undefined);
        sees(answer);
      });

      it("answers the unchanged form with its result, or with what is missing", async () => {
        const { answer, error } = await run(formOf(name));
        if (body === undefined) {
          sees(answer);
        } else {
          assert.equal(error?.status, 400);
          assert.match(error.id, /^batch\.request\./);
        }
      });
    });
  }
});

/** The initial value in a form. */
function emptyOf(type: string | undefined): unknown {
  switch (type) {
    case "array":
      return [];
    case "object":
      return {};
    case "boolean":
      return false;
    case "number":
    case "integer":
      return 0;
    default:
      return "";
  }
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
