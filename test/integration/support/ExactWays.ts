/** All ways to write and read documents, with the text of each response. */
import { randomUUID } from "node:crypto";

import { membersOf } from "../../../lib/core/validation/jsonObject";
import { ADMIN, run } from "../../load/import/command";
import { Connections } from "./Connections";

/** Runs of a property: fewer if each starts a process. */
const RUNS = { quick: 25, process: 2 };

export interface TextDocument {
  readonly _id: string;
  readonly json: string;
}

/** The parts of a response that contain a document's text. */
export type Shown = (document: TextDocument) => readonly string[];

const asSource: Shown = ({ json }) => [`"_source":${json},`];
const asLastSource: Shown = ({ json }) => [`"_source":${json}}`];
const asLastJson: Shown = ({ json }) => [`"json":${JSON.stringify(json)}}`];
const asJson: Shown = ({ json }) => [`"json":${JSON.stringify(json)},`];
/** The members of a document among others. */
const spread: Shown = ({ json }) =>
  [...membersOf(json)].map(
    ([name, value]) => `${JSON.stringify(name)}:${value}`,
  );
const notShown: Shown = () => [];

export interface Writer {
  readonly write: (documents: readonly TextDocument[]) => Promise<string>;
  readonly shown: Shown;
  readonly runs: number;
}

export interface Reader {
  readonly read: (ids: readonly string[]) => Promise<string>;
  readonly shown: Shown;
  readonly runs: number;
}

export interface Updater {
  readonly update: (documents: readonly TextDocument[]) => Promise<string>;
  /** for the text that is then stored */
  readonly shown: Shown;
  readonly runs: number;
}

export class ExactWays extends Connections {
  readonly writers: Record<string, Writer> = {
    http: writer(asSource, (documents) => this.post("mWrite", { documents })),
    "http, strict": writer(asSource, (documents) =>
      this.post("mWrite?strict", { documents }),
    ),
    "http, atomic": writer(asSource, (documents) =>
      this.post("mWrite?atomic", { documents }),
    ),
    "http, as text": writer(asJson, (documents) =>
      this.post("mWrite?json", { documents }),
    ),
    "http, once more with its key": writer(asLastSource, async (documents) => {
      const action = `mWrite?idempotencyKey=${randomUUID()}`;
      await this.post(action, { documents });
      return this.post(action, { documents });
    }),
    "http, batchWrite": writer(asLastSource, (documents) =>
      this.post("batchWrite?source=true", operations("write", documents)),
    ),
    "http, batchWrite atomic": writer(asLastSource, (documents) =>
      this.post(
        "batchWrite?source=true&atomic",
        operations("write", documents),
      ),
    ),
    "http, batchWrite as text": writer(asLastJson, (documents) =>
      this.post("batchWrite?source=true&json", operations("write", documents)),
    ),
    ...this.overSockets((send) => ({
      "": writer(asSource, (documents) =>
        send({ ...this.place, action: "mWrite", body: { documents } }),
      ),
      ", batchWrite": writer(asLastSource, (documents) =>
        send({
          ...{ ...this.place, action: "batchWrite", source: true },
          body: operations("write", documents),
        }),
      ),
      ", as text": writer(asJson, (documents) =>
        send({
          ...{ ...this.place, action: "mWrite", json: true },
          body: { documents },
        }),
      ),
    })),
    ...this.bySdks((batch) =>
      writer(asJson, async (documents) => {
        const { successes } = await batch().mWrite(
          ...([this.index, this.collection, documents] as const),
          { numbers: "text" },
        );
        return texts(successes);
      }),
    ),
    "the client's batchWrite": writer(asJson, async (documents) => {
      const all = documents.map((write) => ({ write }));
      const { results } = await this.sdk.batchWrite(this.index, all, {
        ...{ collection: this.collection, source: true, numbers: "text" },
      });
      return texts(results);
    }),
    "the client's stream": writer(asJson, async (documents) => {
      const written: Array<{ readonly json?: string }> = [];
      const stream = this.sdk.writeStream(this.index, this.collection, {
        ...{ numbers: "text" },
        onResult: ({ successes }) => written.push(...successes),
      });
      const into = stream.getWriter();
      for (const each of documents) await into.write(each);
      await into.close();
      return texts(written);
    }),
    "the client's writer": writer(asJson, async (documents) => {
      const into = this.sdk.writer({
        ...{ index: this.index, collection: this.collection },
        ...{ source: true, numbers: "text" },
      });
      const all = documents.map((each) => into.write(each));
      await into.close();
      return texts(await Promise.all(all));
    }),
    "the command": byProcess(
      writer(notShown, (documents) => this.command("import", documents)),
    ),
  };

  readonly readers: Record<string, Reader> = {
    http: reader(asSource, (ids) => this.post("batchGet", { ids })),
    "http, pretty": reader(asSource, async (ids) =>
      (await this.post("batchGet?pretty", { ids })).replaceAll(
        '"_source": ',
        '"_source":',
      ),
    ),
    "http, as text": reader(asJson, (ids) =>
      this.post("batchGet?json", { ids }),
    ),
    "the whole index": reader(asSource, (ids) =>
      this.http("POST", `/_/batch/${this.index}/_batchGet`, { ids }),
    ),
    ndjson: reader(asSource, (ids) =>
      this.post("batchGet?format=ndjson", { ids }),
    ),
    "ndjson, as text": reader(asJson, (ids) =>
      this.post("batchGet?format=ndjson&json", { ids }),
    ),
    "Kuzzle 1": reader(asSource, (ids) =>
      this.http("POST", `/v1/${this.index}/${this.collection}/_mGet`, { ids }),
    ),
    Mixpeek: reader(spread, (document_ids) =>
      this.http("POST", `/v1/documents/batch-get?namespace=${this.index}`, {
        document_ids,
      }),
    ),
    ...this.overSockets((send) => ({
      "": reader(asSource, (ids) =>
        send({ ...this.place, action: "batchGet", body: { ids } }),
      ),
      ", as text": reader(asJson, (ids) =>
        send({
          ...{ ...this.place, action: "batchGet", json: true },
          body: { ids },
        }),
      ),
      ", Kuzzle 1": reader(asSource, (ids) =>
        send({
          ...{ ...this.place, controller: "batch/v1", action: "mGet" },
          body: { ids },
        }),
      ),
      ", Mixpeek": reader(spread, (document_ids) =>
        send({
          ...{ controller: "batch/documents", action: "batchGet" },
          ...{ namespace: this.index, body: { document_ids } },
        }),
      ),
    })),
    ...this.bySdks((batch) =>
      reader(asJson, async (ids) => {
        const { documents } = await batch().batchGet(this.index, ids, {
          ...{ collection: this.collection, numbers: "text" },
        });
        return texts(documents);
      }),
    ),
    "the client's iteration": reader(asJson, async (ids) => {
      const all = [];
      for await (const each of this.sdk.found(this.index, ids, {
        ...{ collection: this.collection, numbers: "text" },
      }))
        all.push(each);
      return texts(all);
    }),
    "the client's loader": reader(asJson, async (ids) => {
      const loader = this.sdk.loader({ numbers: "text" });
      const all = ids.map((_id) =>
        loader.get(this.index, this.collection, _id),
      );
      return texts((await Promise.all(all)).map((each) => each ?? {}));
    }),
    ...Object.fromEntries(
      ["http", "websocket"].map((protocol) => [
        `the command over ${protocol}`,
        byProcess(reader(asSource, (ids) => this.commandGet(protocol, ids))),
      ]),
    ),
  };

  readonly updaters: Record<string, Updater> = {
    http: updater(asSource, (documents) =>
      this.http("PUT", `${this.path}/_mUpdate?source=true`, { documents }),
    ),
    "http, once more with its key": updater(notShown, async (documents) => {
      const path = `${this.path}/_mUpdate?source=true&idempotencyKey=${randomUUID()}`;
      await this.http("PUT", path, { documents });
      return this.http("PUT", path, { documents });
    }),
    ...Object.fromEntries(
      ["update", "upsert", "replace", "createOrReplace"].flatMap((name) =>
        ["", "&atomic"].map((atomic) => [
          `http, batchWrite${atomic} ${name}`,
          updater(asLastSource, (documents) =>
            this.post(
              `batchWrite?source=true${atomic}`,
              operations(name, documents),
            ),
          ),
        ]),
      ),
    ),
    "http, as text": updater(asJson, (documents) =>
      this.http("PUT", `${this.path}/_mUpdate?source=true&json`, { documents }),
    ),
    ...this.overSockets((send) => ({
      "": updater(asSource, (documents) =>
        send({
          ...{ ...this.place, action: "mUpdate", source: true },
          body: { documents },
        }),
      ),
      ", as text": updater(asJson, (documents) =>
        send({
          ...{ ...this.place, action: "mUpdate", source: true, json: true },
          body: { documents },
        }),
      ),
    })),
    ...this.bySdks((batch) =>
      updater(asJson, async (documents) => {
        const { successes } = await batch().mUpdate(
          ...([this.index, this.collection, documents] as const),
          { numbers: "text", source: true },
        );
        return texts(successes);
      }),
    ),
    "the command": byProcess(
      updater(notShown, (documents) => this.command("update", documents)),
    ),
  };

  /** The content of a document from which the engine has removed fields. */
  readonly masked: Record<
    string,
    (_id: string, source: string) => Promise<string>
  > = {
    http: async (_id, source) =>
      contentIn(await this.post(`batchGet?source=${source}`, { ids: [_id] })),
    "http, as text": async (_id, source) =>
      contentIn(
        await this.post(`batchGet?json&source=${source}`, { ids: [_id] }),
      ),
    ndjson: async (_id, source) => {
      const action = `batchGet?format=ndjson&source=${source}`;
      const [line] = (await this.post(action, { ids: [_id] })).split("\n");
      return contentOf(valueAt(line as string, "document"));
    },
    ...this.overSockets((send) => ({
      "": async (_id: string, source: string) =>
        contentIn(
          await send({
            ...{ ...this.place, action: "batchGet", source },
            body: { ids: [_id] },
          }),
        ),
    })),
  };

  /** Rows as in a file. */
  private async command(
    name: "import" | "update",
    documents: readonly TextDocument[],
  ): Promise<string> {
    const rows = documents.map(
      ({ _id, json }) => `{"_id":"${_id}","body":${json}}\n`,
    );
    const { stderr } = await run(
      [name, this.index, this.collection],
      ADMIN,
      rows.join(""),
    );
    return stderr;
  }

  private async commandGet(
    protocol: string,
    ids: readonly string[],
  ): Promise<string> {
    const { stdout, stderr } = await run(
      ["get", this.index, this.collection, "--protocol", protocol],
      ADMIN,
      ids.map((id) => `${id}\n`).join(""),
    );
    return `${stdout}${stderr}`;
  }
}

/** The operations of a batchWrite, one per document. */
function operations(name: string, documents: readonly TextDocument[]): object {
  return { operations: documents.map((each) => ({ [name]: each })) };
}

/** The content of a batchGet's only document. */
function contentIn(answer: string): string {
  return contentOf(
    valueAt(valueAt(answer, "result"), "documents").slice(1, -1),
  );
}

function contentOf(document: string): string {
  const json = membersOf(document).get("json");
  return json === undefined
    ? valueAt(document, "_source")
    : (JSON.parse(json) as string);
}

function valueAt(object: string, name: string): string {
  return membersOf(object).get(name) as string;
}

function writer(shown: Shown, write: Writer["write"]): Writer {
  return { shown, write, runs: RUNS.quick };
}

function reader(shown: Shown, read: Reader["read"]): Reader {
  return { shown, read, runs: RUNS.quick };
}

function updater(shown: Shown, update: Updater["update"]): Updater {
  return { shown, update, runs: RUNS.quick };
}

function byProcess<Way>(way: Way): Way {
  return { ...way, runs: RUNS.process };
}

/** As in the response that the client received. */
function texts(documents: readonly { readonly json?: string }[]): string {
  return documents
    .map(({ json }) => `"json":${JSON.stringify(json)},`)
    .join("\n");
}
