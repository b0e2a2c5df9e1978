/** The plugin's actions on in-memory documents, as defined by the contract. */
import type { ServerLimits } from "../../../../lib/types";

export interface FakeRequest {
  readonly controller: string;
  readonly action: string;
  readonly index?: string;
  readonly collection?: string;
  readonly idempotencyKey?: string;
  readonly strict?: string;
  readonly atomic?: string;
  readonly body?: { documents?: any[]; ids?: string[]; operations?: any[] };
  readonly [argument: string]: unknown;
}

/** As the SDK passes on Kuzzle's errors. */
export class FakeKuzzleError extends Error {
  readonly count: number | undefined;
  constructor(
    readonly id: string,
    readonly status: number,
    readonly errors?: object[],
  ) {
    super(`${id} happened`);
    this.count = errors?.length;
  }
}

interface Written {
  readonly place: string;
  readonly _id: string;
  readonly body: any;
}

export class FakePlugin {
  /** every document written, in the order of the writes */
  readonly written: Written[] = [];
  readonly state = new Map<string, any>();
  /** of documents that were sent as text */
  readonly texts = new Map<string, string>();
  private readonly answers = new Map<
    string,
    { request: string; answer: any }
  >();

  constructor(readonly limits: ServerLimits) {}

  run(request: FakeRequest, user: string | null): unknown {
    if (request.action === "limits") {
      return this.limits;
    }
    if (request.action === "batchGet") {
      return this.get(request);
    }
    const { idempotencyKey: key, ...rest } = request;
    if (key === undefined) {
      return this.write(request, "");
    }
    if (user === null) {
      throw new FakeKuzzleError("batch.request.invalid", 400);
    }
    const known = this.answers.get(`${user} ${key}`);
    if (known === undefined) {
      const answer = this.write(request, key);
      this.answers.set(`${user} ${key}`, {
        request: JSON.stringify(rest),
        answer,
      });
      return answer;
    }
    if (known.request !== JSON.stringify(rest)) {
      throw new FakeKuzzleError("batch.idempotency.mismatch", 422);
    }
    return {
      ...known.answer,
      stats: { ...known.answer.stats, replayed: true },
    };
  }

  /** A document whose body has `fails` fails with that code. */
  private write(request: FakeRequest, key: string): any {
    if (request.action === "batchWrite") return this.operate(request, key);
    const documents = request.body?.documents ?? [];
    const { index, collection } = request;
    const isDefective = (each: any): boolean => each?.body?.fails !== undefined;
    const errors = documents.flatMap((document, position) =>
      isDefective(document)
        ? [failure(document, position, document.body.fails)]
        : [],
    );
    if (request.strict === "true" && errors.length > 0) {
      throw new FakeKuzzleError("batch.write.refused", 400, errors);
    }
    const successes = documents.flatMap((document, position) => {
      if (isDefective(document)) return [];
      const _id = document._id ?? `${key}-${position}`;
      const place = `${index}/${collection}/${_id}`;
      const { json, body = JSON.parse(json) } = document;
      this.written.push({ place, _id, body });
      this.state.set(place, body);
      if (json !== undefined) this.texts.set(place, json);
      const content = this.contentOf(request, place);
      return [{ _id, ...content, _version: 1, position }];
    });
    return { successes, errors, stats: stats(documents.length) };
  }

  /** Every kind replaces, except `delete`. Content with `fails` fails, as above. */
  private operate(request: FakeRequest, key: string): any {
    const operations = request.body?.operations ?? [];
    const answer: any = {
      ...{ results: [], errors: [], stats: stats(operations.length) },
    };
    operations.forEach((operation, position) => {
      const [[op, document] = []] = Object.entries<any>(operation);
      const { collection = request.collection } = document;
      const _id = document._id ?? `${key}-${position}`;
      const place = `${request.index}/${collection}/${_id}`;
      const text = document.json ?? JSON.stringify(document.body ?? null);
      const body = document.changes ?? JSON.parse(text);
      if (body?.fails !== undefined) {
        const failed = failure(document, position, body.fails);
        answer.errors.push({ ...failed, op, collection });
        return;
      }
      this.written.push({ place, _id, body });
      if (op === "delete") this.state.delete(place);
      else this.state.set(place, body);
      if (document.json !== undefined) this.texts.set(place, text);
      answer.results.push({
        ...{ position, op, collection, _id, status: 200, _version: 1 },
      });
    });
    return answer;
  }

  private get(request: FakeRequest): any {
    const { ids, documents } = request.body ?? {};
    const entries: any[] = ids ?? documents ?? [];
    const collections = this.collectionsOf(String(request.index));
    const lookups = entries.length * collections.length;
    if (lookups > this.limits.maxLookups) {
      throw new FakeKuzzleError("batch.get.too_many_lookups", 413);
    }
    const answer: any = {
      documents: [],
      not_found: [],
      errors: [],
      unprocessed: [],
      stats: stats(entries.length),
    };
    const seen = new Set<string>();
    /** what is reported at one position is not repeated at another */
    const told = new Set<string>();
    let bytes = 0;
    entries.forEach((entry, position) => {
      const { _id, collection } =
        typeof entry === "string"
          ? { _id: entry, collection: undefined }
          : (entry ?? {});
      if (typeof _id !== "string") {
        answer.errors.push({ _id, position, status: 400, code: "invalid" });
        return;
      }
      if (seen.has(`${collection}/${_id}`)) return;
      seen.add(`${collection}/${_id}`);
      const found = (collection === undefined ? collections : [collection])
        .map((name) => ({
          name,
          body: this.state.get(`${request.index}/${name}/${_id}`),
        }))
        .filter(({ body }) => body !== undefined);
      const size = JSON.stringify(found).length;
      const isFull = bytes > 0 && bytes + size > this.limits.maxResponseBytes;
      if (isFull || answer.unprocessed.length > 0) {
        answer.unprocessed.push(entry);
        return;
      }
      bytes += found.length > 0 ? size : 0;
      if (found.length === 0) {
        answer.not_found.push(
          collection === undefined ? _id : { collection, _id },
        );
      }
      for (const { name } of found) {
        if (told.has(`${name}/${_id}`)) continue;
        told.add(`${name}/${_id}`);
        answer.documents.push({
          _id,
          index: request.index,
          collection: name,
          ...this.contentOf(request, `${request.index}/${name}/${_id}`),
        });
      }
    });
    return answer;
  }

  private contentOf({ json }: FakeRequest, place: string): object {
    const _source = this.state.get(place);
    return json === "true"
      ? { json: this.texts.get(place) ?? JSON.stringify(_source) }
      : { _source };
  }

  private collectionsOf(index: string): string[] {
    const names = [...this.state.keys()]
      .map((place) => place.split("/"))
      .filter(([name]) => name === index)
      .map(([, collection]) => String(collection));
    return [...new Set(names)].sort();
  }
}

function failure(document: any, position: number, code: string): object {
  return {
    document: { _id: document?._id, body: document?.body },
    position,
    status: 400,
    code,
    reason: "it fails",
    retryable: false,
  };
}

function stats(requested: number): object {
  return {
    requested,
    unique: requested,
    duplicates: 0,
    errors: 0,
    conflicts: 1,
    retries: 0,
    engineCalls: 2,
    engineTookMs: 3,
    queueMs: 0,
    tookMs: 5,
  };
}
