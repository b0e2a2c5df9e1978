/**
 * The client's types as programs use them. Compiled and never run: each line below
 * `@ts-expect-error` must be rejected, and all others must be accepted.
 */
import { Http, Kuzzle, WebSocket } from "kuzzle-sdk";

import {
  type Address,
  BatchDocumentsController,
  BatchError,
  type BatchGetResult,
  type FoundDocument,
  type GetError,
  useBatch,
  type WriteError,
  type WriteInput,
} from "../../../client/index";
import type { Sdk } from "../../../client/transport/sdk";

/** Exactly the same type, in both directions. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;
/** `typed<Expected>()(value)` compiles if the value has exactly that type. */
function typed<Expected>() {
  return <Actual>(
    actual: Actual,
    ...otherwise: Same<Actual, Expected> extends true ? [] : [never]
  ): void => void [actual, otherwise];
}

interface Book {
  title: string;
  pages: number;
}

const kuzzle = new Kuzzle(new WebSocket("localhost"));
kuzzle.useController(BatchDocumentsController, "batch");
const batch = kuzzle["batch"] as BatchDocumentsController;

/** What the client uses of the SDK exists, whatever the protocol. */
export const sdk: Sdk = new Kuzzle(new Http("localhost"));
typed<BatchDocumentsController>()(useBatch(kuzzle));

export async function reading(): Promise<void> {
  const { documents, not_found, errors } = await batch.batchGet<Book>(
    "library",
    ["a", { _id: "b" }, { _id: "c", collection: "books" }],
    { collection: "books", source: ["title"], sourceExcludes: ["pages"] },
  );
  typed<FoundDocument<Book> | undefined>()(documents[0]);
  typed<(string | Address)[]>()(not_found);
  typed<GetError[]>()(errors);
  for (const { _source, _id, collection, _version } of documents) {
    typed<Book>()(_source);
    typed<number>()(_version);
    (_id + collection).trim();
    // @ts-expect-error Book has no author
    void _source.author;
  }

  const unknown = await batch.batchGet("library", new Set(["a"]));
  typed<BatchGetResult>()(unknown);
  const field: unknown = unknown.documents[0]?._source["title"];
  void field;
  // @ts-expect-error nothing is known of a field
  const title: string = unknown.documents[0]?._source["title"];
  void title;

  const bare = await batch.batchGet("library", ["a"], { source: false });
  // @ts-expect-error there is no source
  void bare.documents[0]?._source;

  // @ts-expect-error an id is a string
  await batch.batchGet("library", [7]);
  // @ts-expect-error an address has an _id
  await batch.batchGet("library", [{ collection: "books" }]);
  // @ts-expect-error there is no such option
  await batch.batchGet("library", ["a"], { includes: ["title"] });
  // @ts-expect-error a source is an object
  await batch.batchGet<string>("library", ["a"]);

  async function* ids(): AsyncGenerator<string> {
    yield "a";
  }
  for await (const { _source } of batch.found<Book>("library", ids())) {
    typed<Book>()(_source);
  }
  // @ts-expect-error a list is not read from a stream
  await batch.batchGet("library", ids());
  // @ts-expect-error what is missing goes to onNotFound
  batch.found("library", ["a"], { strict: true });

  const loader = batch.loader({ source: ["title"] });
  const book = await loader.get<Book>("library", "books", "a");
  typed<FoundDocument<Book> | null>()(book);
  // @ts-expect-error it may be null
  void book._source;
  loader.clear();
  loader.clear("library", "books", "a");
  // @ts-expect-error one document, or all
  loader.clear("library");
}

export async function writing(): Promise<void> {
  const body: Book = { title: "Emma", pages: 474 };

  const { successes, errors, atomic, stats } = await batch.mWrite<Book>(
    "library",
    "books",
    [
      { body },
      { _id: "emma", body, ifAbsent: true },
      { _id: "emma", body, ifSeqNo: 1, ifPrimaryTerm: 1 },
    ],
    { refresh: "wait_for", strict: true, signal: AbortSignal.timeout(1_000) },
  );
  for (const { _source, created, position } of successes) {
    typed<Book>()(_source);
    typed<boolean>()(created);
    typed<number>()(position);
  }
  typed<WriteError[]>()(errors);
  void atomic?.journalId;
  void stats.written?.toFixed();
  void stats.requests.toFixed();

  // @ts-expect-error pages is a number
  await batch.mWrite<Book>("i", "c", [{ body: { title: "", pages: "" } }]);
  // @ts-expect-error a sequence number is a number
  await batch.mWrite("i", "c", [{ _id: "a", body: {}, ifSeqNo: "1" }]);
  const given: WriteInput<Book>[] = [{ body }];
  await batch.mWrite(
    "i",
    "c",
    given.map((each) => ({ ...each, ifAbsent: true })),
  );
  // @ts-expect-error a document has a body
  await batch.mWrite("i", "c", [{ _id: "a" }]);
  // @ts-expect-error refresh is wait_for or false
  await batch.mWrite("i", "c", [], { refresh: "true" });

  const bare = await batch.mWrite("i", "c", [{ body }], { source: false });
  // @ts-expect-error there is no source
  void bare.successes[0]?._source;

  const updated = await batch.mUpdate<Book>(
    "library",
    "books",
    [{ _id: "emma", body: { pages: 475 } }],
    { retryOnConflict: 3, silent: true },
  );
  typed<number | undefined>()(updated.successes[0]?.attempts);
  // @ts-expect-error the source is only returned on request
  void updated.successes[0]?._source;
  // @ts-expect-error there are no atomic updates
  void updated.atomic;
  const whole = await batch.mUpdate<Book>(
    "library",
    "books",
    [{ _id: "emma", body: {} }],
    { source: true },
  );
  typed<Book | undefined>()(whole.successes[0]?._source);
  // @ts-expect-error an update has an _id
  await batch.mUpdate("i", "c", [{ body: {} }]);
  // @ts-expect-error an update is of a part of the type
  await batch.mUpdate<Book>("i", "c", [{ _id: "a", body: { author: "" } }]);
  // @ts-expect-error an update can't be atomic
  await batch.mUpdate("i", "c", [], { atomic: true });

  const stream = batch.writeStream<Book>("library", "books", {
    onErrors: (failed) => typed<readonly WriteError[]>()(failed),
  });
  typed<WritableStream<WriteInput<Book>>>()(stream);
  // @ts-expect-error the length of a stream is unknown, so it can't be atomic
  batch.writeStream("library", "books", { atomic: true });
}

export function failing(error: unknown): void {
  if (error instanceof BatchError) {
    typed<string>()(error.id);
    typed<readonly number[]>()(error.unprocessed);
    for (const { position, code } of error.errors) {
      typed<number>()(position);
      // @ts-expect-error there is no such code
      if (code === "missing") return;
    }
  }
}
