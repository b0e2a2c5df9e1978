/**
 * The application under test, with a controller that switches test pipes on and off. They are off
 * by default, so that the suite covers both cases: with listeners and, as in most applications,
 * without.
 */
import {
  ForbiddenError,
  type JSONObject,
  type KuzzleRequest,
  Plugin,
  type PluginContext,
} from "kuzzle";

import { createApp } from "../../docker/app/app";
import { KuzzleAdapter } from "../../lib/kuzzle/KuzzleAdapter";
import {
  makeInterferencePossible,
  planInterference,
  type Interference,
} from "./interference";
import { RECORDING, takeSeen } from "./recordedPipes";

interface Document {
  _id: string;
  _source: JSONObject;
}

type Pipe = (...payload: never[]) => unknown;

/** Kuzzle lets plugins register pipes only before it starts; its internals allow it at any time. */
interface PipeRegistry {
  registerPluginPipe(
    event: string,
    handler: (...payload: unknown[]) => void,
  ): string;
  unregisterPluginPipe(pipeId: string): void;
}

interface SingleNode {
  readonly koncorde: { remove(roomId: string, index?: string): void };
  onCall(event: string, answerer: (room: Room) => unknown): void;
  onAsk(event: string, answerer: (roomId: string) => void): void;
}

interface Room {
  readonly id: string;
  readonly index: string;
}

/** Every pipe acts on this collection only; finding its collection is part of the test. */
const PIPED = "piped";

/** The sets of pipes, which scenarios select by name. */
const PIPES: Record<string, Record<string, Pipe>> = {
  recording: RECORDING,
  "generic reading": {
    "generic:document:beforeGet": pipeDocuments((documents) =>
      documents.filter(({ _id }) => !_id.startsWith("private-")),
    ),
    "generic:document:afterGet": pipeDocuments((documents, request) =>
      documents
        .filter(({ _source }) => _source["hidden"] !== true)
        .map((document) =>
          isOwnedBy(document, request) ? document : masked(document, "secret"),
        ),
    ),
  },
  "native reading": {
    "document:beforeMGet": guardRequest((request) => {
      if (
        (request.getBodyArray("ids") as string[]).includes("rejected-by-pipe")
      ) {
        throw new ForbiddenError(
          "The pipe rejects this request",
          "features.pipe.rejected",
        );
      }
    }),
    "document:afterMGet": guardRequest((request) => {
      const { successes } = request.result as { successes: Document[] };

      request.result.successes = successes.filter(
        ({ _source }) => _source["hidden"] !== true,
      );
      for (const { _source } of request.result.successes as Document[]) {
        _source["phone"] = "masked";
      }
    }),
  },
  "reading ids": {
    "document:beforeMGet": guardRequest((request) => {
      const body = request.getBody() as { ids: string[] };

      body.ids = body.ids.filter((id) => !id.startsWith("private-"));
    }),
  },
  "setting a status": {
    "batch:beforeBatchGet": (request: KuzzleRequest) => {
      request.response.configure({ status: 203 });

      return request;
    },
  },
  "wildcard reading": {
    "document:after*": guardRequest((request) => {
      if (request.input.action === "mGet") {
        const { successes } = request.result as { successes: Document[] };

        request.result.successes = successes
          .filter(({ _source }) => _source["hidden"] !== true)
          .map((document) => masked(document, "phone"));
      }
    }),
  },
  "adding documents": {
    "generic:document:afterGet": pipeDocuments((documents) => [
      ...documents,
      { _id: "added-by-pipe", _source: {} },
    ]),
  },
  "generic updating": {
    "generic:document:beforeUpdate": pipeDocuments((documents) =>
      documents
        .filter(({ _id }) => !_id.startsWith("private-"))
        .map(({ _id, _source }) => ({
          _id,
          _source: { ..._source, checked: true },
        })),
    ),
    "generic:document:afterUpdate": pipeDocuments((documents) =>
      documents.map((document) => masked(document, "secret")),
    ),
  },
  "native updating": {
    "document:beforeMUpdate": guardRequest((request) => {
      for (const document of request.getBodyArray("documents") as {
        body: JSONObject;
      }[]) {
        document.body["seen"] = true;
      }
    }),
    "document:afterMUpdate": guardRequest((request) => {
      for (const { _source } of (request.result as { successes: Document[] })
        .successes) {
        _source["phone"] = "masked";
      }
    }),
  },
  writing: {
    "bulk:beforeMWrite": guardRequest((request) => {
      for (const document of request.getBodyArray("documents") as {
        body: JSONObject;
      }[]) {
        if (document.body["poison"] === true) {
          throw new ForbiddenError(
            "The pipe rejects this request",
            "features.pipe.rejected",
          );
        }
        document.body["checked"] = true;
      }
    }),
    "bulk:afterMWrite": guardRequest((request) => {
      const result = request.result as { successes: Document[] };

      result.successes = result.successes
        .filter(({ _source }) => _source["hidden"] !== true)
        .map((document) => masked(document, "secret"));
    }),
  },
};

/** Listeners that read the documents of an answer and change nothing. */
PIPES["looking on"] = Object.fromEntries(
  [
    ...["batch:afterBatchGet", "batch:afterMWrite", "batch:afterMUpdate"],
    ...["batch:afterBatchWrite", "batch/documents:afterBatchGet"],
    ...["batch/v1:afterMGet", "request:onSuccess"],
  ].map((event) => [
    event,
    (request: KuzzleRequest) => {
      const { documents, successes, results, result } = (request.result ??
        {}) as {
        [list in "documents" | "successes" | "results"]?: Document[];
      } & { result?: { hits: Document[] } };

      for (const document of documents ??
        successes ??
        results ??
        result?.hits ??
        []) {
        // in Mixpeek's answers, the fields are the document's own
        Object.values(document).forEach((value) => Object.keys(value ?? {}));
      }

      return request;
    },
  ]),
);

/**
 * Pipes that throw after an action of a compatibility API, which must then answer with Kuzzle's
 * error.
 */
PIPES["behind the compatibility APIs"] = Object.fromEntries(
  ["batch/v1:afterMGet", "batch/v1:afterMUpdate"].map((event) => [
    event,
    guardRequest(() => {
      throw new ForbiddenError(
        "The pipe rejects this answer",
        "features.pipe.rejected",
      );
    }),
  ]),
);

const registered: string[] = [];

function switchPipes(sets: readonly string[]): void {
  const { kuzzle } = global as unknown as { kuzzle: PipeRegistry };

  for (const pipeId of registered.splice(0)) {
    kuzzle.unregisterPluginPipe(pipeId);
  }
  for (const [event, pipe] of sets.flatMap((name) =>
    Object.entries(PIPES[name] ?? {}),
  )) {
    registered.push(kuzzle.registerPluginPipe(event, withCallback(pipe)));
  }
}

/** Kuzzle's own pipes end by calling a callback. */
function withCallback(pipe: Pipe): (...payload: unknown[]) => void {
  return (...payload) => {
    const callback = payload.pop() as (
      error: unknown,
      result?: unknown,
    ) => void;

    Promise.resolve()
      .then(() => pipe(...(payload as never[])))
      .then(
        (result) => callback(null, result),
        (error: unknown) => callback(error),
      );
  };
}

function pipeDocuments(
  change: (documents: Document[], request: KuzzleRequest) => Document[],
): Pipe {
  return (documents: Document[], request: KuzzleRequest) =>
    request.getCollection() === PIPED ? change(documents, request) : documents;
}

function guardRequest(change: (request: KuzzleRequest) => void): Pipe {
  return (request: KuzzleRequest) => {
    if (request.getCollection() === PIPED) {
      change(request);
    }

    return request;
  };
}

function isOwnedBy({ _source }: Document, request: KuzzleRequest): boolean {
  return _source["owner"] === request.getKuid();
}

function masked(document: Document, field: string): Document {
  return field in document._source
    ? { ...document, _source: { ...document._source, [field]: "masked" } }
    : document;
}

/**
 * Without a cluster (`cluster.enabled: false`), Kuzzle 2.56 has no handler for what its realtime
 * module asks the cluster, and rejects each first subscription with a 500. This answers for a
 * single node.
 */
function answerForTheCluster(): void {
  const { kuzzle } = global as unknown as { kuzzle: SingleNode };
  const indexOfRoom = new Map<string, string>();

  kuzzle.onCall("core:realtime:room:create:after", ({ id, index }: Room) =>
    indexOfRoom.set(id, index),
  );
  kuzzle.onCall("core:realtime:subscribe:after", () => undefined);
  kuzzle.onCall("core:realtime:unsubscribe:after", () => undefined);
  kuzzle.onAsk("cluster:realtime:room:remove", (roomId: string) => {
    kuzzle.koncorde.remove(roomId, indexOfRoom.get(roomId));
    indexOfRoom.delete(roomId);
  });
}

let batchPipesAreOn = true;

/** Lets the plugin's own pipes be switched off, to test native actions without them. */
function makeBatchPipesSwitchable(): void {
  const addLastPipe: KuzzleAdapter["addLastPipe"] = Reflect.get(
    KuzzleAdapter.prototype,
    "addLastPipe",
  );

  KuzzleAdapter.prototype.addLastPipe = function <Payload>(
    this: KuzzleAdapter,
    event: string,
    handler: (payload: Payload) => Promise<Payload>,
  ): void {
    addLastPipe.call(this, event, async (payload) =>
      batchPipesAreOn ? handler(payload as Payload) : payload,
    );
  };
}

makeBatchPipesSwitchable();
makeInterferencePossible();
const app = createApp("batch-features");

app.config.set("plugins.batch", {
  ...app.config.content.plugins?.["batch"],
  // Low limits reach with few documents what the defaults would need many for.
  maxLookups: 20_000,
  maxResponseBytes: 2_000_000,
  readChunkDocuments: 100,
  writeChunkDocuments: 50,
  atomicMaxDocuments: 120,
  atomicMaxBytes: 100_000,
});

app.controller.register("features", {
  actions: {
    pipes: {
      handler: async (request: KuzzleRequest) =>
        switchPipes(request.getBodyArray("sets") as string[]),
    },
    seenByPipes: {
      handler: async (request: KuzzleRequest) =>
        takeSeen(request.getCollection()),
    },
    interfere: {
      handler: async (request: KuzzleRequest) =>
        planInterference((request.getBody() as { plan?: Interference }).plan),
    },
    batchPipes: {
      handler: async (request: KuzzleRequest) => {
        batchPipesAreOn = request.getBodyBoolean("on");
      },
    },
  },
});

/** Runs a batchGet of its own on request, as plugins do, and returns the result. */
class Relay extends Plugin {
  constructor() {
    super({ kuzzleVersion: ">=2 <3" });
  }

  override async init(_: JSONObject, context: PluginContext): Promise<void> {
    // typed as what it constructs
    const OwnRequest = context.constructors.Request as unknown as new (
      request: KuzzleRequest,
      data: JSONObject,
    ) => KuzzleRequest;
    const relay = async (request: KuzzleRequest) => {
      const own = new OwnRequest(request, {
        controller: "batch",
        action: "batchGet",
        body: request.input.body,
      });

      return (await context.accessors.execute(own)).result;
    };

    this.api = {
      relay: {
        actions: {
          batchGet: {
            handler: relay,
            http: [{ verb: "post", path: "relay/:index/:collection" }],
          },
        },
      },
    };
  }
}

app.plugin.use(new Relay(), { name: "relay" });
app
  .start()
  .then(() => {
    if (app.config.content.cluster?.["enabled"] === false) {
      answerForTheCluster();
    }
  })
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
