/** The client against a running Kuzzle, over HTTP and WebSocket. */
import { setTimeout as sleep } from "node:timers/promises";

import { Http, Kuzzle, WebSocket } from "kuzzle-sdk";
import should from "should";

import {
  type BatchDocumentsController,
  BatchError,
  useBatch,
} from "../../client/index";
import { environment } from "../../features/support/environment";
import {
  allowAnonymous,
  createCollection,
  releaseCollection,
  userWho,
} from "../../features/support/kuzzle";
import { seededRandom } from "../support/testEngine";
import { LineProxy } from "./support/LineProxy";

const INDEX = "client-tests";
const EVERYTHING = [
  ...["limits", "batchGet", "mWrite", "mUpdate"].map((each) => `batch:${each}`),
  "document:mGet",
  "document:mUpdate",
  "bulk:mWrite",
].map((action) => ({ action, where: [] }));

const PROTOCOLS = { http: Http, websocket: WebSocket } as const;

interface Body {
  n: number;
  text: string;
}

function documents(count: number, bytes = 1_000) {
  return Array.from({ length: count }, (_, n) => ({
    _id: `d${n}`,
    body: { n, text: "x".repeat(bytes) },
  }));
}

function userOf(token: string): string {
  const payload = Buffer.from(String(token.split(".")[1]), "base64url");
  return (JSON.parse(payload.toString()) as { _id: string })._id;
}

const positionsOf = (list: readonly { position: number }[]): number[] =>
  list.map(({ position }) => position);

for (const [name, Protocol] of Object.entries(PROTOCOLS)) {
  describe(`the client over ${name}`, function () {
    this.timeout(60_000);

    let proxy: LineProxy;
    let collections = 0;
    let collection: string;
    const open = new Set<Kuzzle>();

    before(async () => {
      const { kuzzleHost, kuzzlePort } = environment;
      proxy = await LineProxy.start(kuzzleHost, kuzzlePort);
    });

    beforeEach(async () => {
      collection = `${name}-${collections++}`;
      await createCollection(`${INDEX}:${collection}`);
    });

    afterEach(async () => {
      proxy.cuts = {};
      open.forEach((kuzzle) => kuzzle.disconnect());
      open.clear();
      await releaseCollection(`${INDEX}:${collection}`, false);
    });

    after(() => proxy?.stop());

    async function connect(jwt?: string): Promise<BatchDocumentsController> {
      const kuzzle = new Kuzzle(
        new Protocol("127.0.0.1", {
          port: proxy.port,
          ...(Protocol === WebSocket && { reconnectionDelay: 50 }),
        }),
      );
      open.add(kuzzle);
      await kuzzle.connect();
      if (jwt !== undefined) kuzzle.jwt = jwt;
      return useBatch(kuzzle);
    }

    /** Versions by id: 1 for a document that was written once. */
    async function versions(
      batch: BatchDocumentsController,
      ids: readonly string[],
    ): Promise<number[]> {
      const { documents } = await batch.batchGet(INDEX, ids, {
        collection,
        source: false,
      });
      return documents.map(({ _version }) => _version);
    }

    it("writes, reads and updates more than a request holds, in order", async () => {
      const batch = await connect(await userWho(EVERYTHING));
      const given = documents(3_000);
      const ids = given.map(({ _id }) => String(_id));

      const written = await batch.mWrite(INDEX, collection, given);
      should(positionsOf(written.successes)).eql([...given.keys()]);
      should(written.successes[7]?._source).eql(given[7]?.body);
      should(written.stats.requests).be.above(2);

      const updated = await batch.mUpdate(
        INDEX,
        collection,
        ids.slice(0, 450).map((_id) => ({ _id, body: { text: "short" } })),
      );
      should(positionsOf(updated.successes)).eql([...Array(450).keys()]);
      should(updated.stats.requests).equal(3);

      const limits = await batch.limits();
      should(limits.maxResponseBytes).equal(2_000_000); // the setting of this application
      const read = await batch.batchGet<Body>(INDEX, [...ids, "nowhere"], {
        collection,
      });
      should(read.documents.map(({ _id }) => _id)).eql(ids);
      should(read.documents[0]?._source.text).equal("short");
      should(read.not_found).eql(["nowhere"]);
      should(read.stats.requests).be.above(1);

      const found: string[] = [];
      for await (const { _id } of batch.found(INDEX, ids, { collection })) {
        found.push(_id);
      }
      should(found).eql(ids);
    });

    it("sends each flag to the server with its meaning", async () => {
      const batch = await connect(await userWho(EVERYTHING));
      const given = documents(2);

      const bare = await batch.mWrite(INDEX, collection, given, {
        source: false,
        strict: false,
        notify: false,
      });
      should(bare.successes[0]).not.have.property("_source");

      const { documents: masked } = await batch.batchGet<Body>(INDEX, ["d0"], {
        source: ["n"],
      });
      should(masked[0]?._source).eql({ n: 0 });
      const { documents: none } = await batch.batchGet(INDEX, ["d0"], {
        source: false,
      });
      should(none[0]).not.have.property("_source");

      const silent = await batch.mUpdate(
        INDEX,
        collection,
        [{ _id: "d0", body: { n: 5 } }],
        { source: true, retryOnConflict: 0, silent: true },
      );
      should(silent.successes[0]?._source).match({ n: 5 });
    });

    it("reports a document that is too large, and keeps the connection", async () => {
      const batch = await connect(await userWho(EVERYTHING));
      const given = documents(3);
      given[1] = { _id: "huge", body: { n: 1, text: "x".repeat(2_000_000) } };

      const { successes, errors } = await batch.mWrite(
        INDEX,
        collection,
        given,
      );

      should(positionsOf(successes)).eql([0, 2]);
      should(errors).match([{ position: 1, code: "too_large", status: 413 }]);
      should(proxy.cutLines).equal(0);
    });

    it("writes an atomic call as a whole or not at all, and a strict one not if it has a validation error", async () => {
      const batch = await connect(await userWho(EVERYTHING));
      await batch.mWrite(INDEX, collection, documents(1));

      const { atomic } = await batch.mWrite(
        INDEX,
        collection,
        documents(20).slice(1),
        { atomic: true },
      );
      should(atomic?.state).equal("committed");

      const again = documents(30).map((each, i) => ({
        ...each,
        ifAbsent: i >= 19,
      }));
      const error = await batch
        .mWrite(INDEX, collection, again, { atomic: true })
        .catch((reason: unknown) => reason as BatchError);
      should(error).match({
        id: "batch.write.rolled_back",
      });
      const { errors } = error as BatchError;
      should(errors).have.length(30);
      should(errors[19]).containEql({ code: "version_conflict" });

      const defective = documents(3_000);
      defective[2_900] = { _id: "", body: { n: 0, text: "" } };
      const refused = await batch
        .mWrite(INDEX, `${collection}`, defective.slice(2_000), {
          strict: true,
        })
        .catch((reason: unknown) => reason as BatchError<any>);
      should(refused).match({
        id: "batch.write.refused",
        errors: [{ position: 900, code: "invalid" }],
      });
    });

    it("loads the single documents of a tick in one request", async () => {
      const batch = await connect(await userWho(EVERYTHING));
      await batch.mWrite(INDEX, collection, documents(50));
      const loader = batch.loader();

      const all = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          loader.get<Body>(INDEX, collection, `d${n}`),
        ),
      );

      should(all.map((each) => each?._source.n)).eql(
        Array.from({ length: 100 }, (_, n) => (n < 50 ? n : undefined)),
      );
    });

    it("names the missing right if the limits may not be requested", async () => {
      const rest = EVERYTHING.filter(({ action }) => action !== "batch:limits");
      const batch = await connect(await userWho(rest));

      await should(batch.mWrite(INDEX, collection, documents(1))).rejectedWith(
        BatchError as never,
        {
          id: "batch.client.limits_unknown",
          status: 403,
        },
      );
      batch.useLimits({
        maxRequestBytes: 1024 * 1024,
        documentsFetchCount: 10_000,
        documentsWriteCount: 200,
        maxLookups: 20_000,
        maxResponseBytes: 2_000_000,
        atomicMaxDocuments: 100,
        atomicMaxBytes: 100_000,
      });
      const { successes } = await batch.mWrite(INDEX, collection, documents(1));
      should(successes).have.length(1);
    });

    it("writes nothing twice for a user, wherever the connection is cut", async () => {
      const batch = await connect(await userWho(EVERYTHING));
      await batch.limits();
      const given = documents(4_000);
      const random = seededRandom(4_711);
      const cuts = { answer: 4, request: 4 };
      const chance = (kind: keyof typeof cuts): boolean =>
        cuts[kind] > 0 && random() < 0.5 && cuts[kind]-- > 0;
      const before = proxy.cutLines;
      proxy.cuts = {
        answer: (text) => text.includes('"mWrite"') && chance("answer"),
        request: (bytes) => bytes > 300_000 && chance("request"),
      };

      const { successes, errors, stats } = await batch.mWrite(
        INDEX,
        collection,
        given,
        { source: false, batchSize: 500 },
      );
      proxy.cuts = {};

      should(proxy.cutLines - before).be.above(3);
      should(errors).be.empty();
      should(positionsOf(successes)).eql([...given.keys()]);
      should(successes.every(({ created }) => created)).be.true();
      should(stats.replayed).be.true();
      const seen = await versions(
        batch,
        given.map(({ _id }) => String(_id)),
      );
      should(seen).eql(Array(4_000).fill(1));
    });

    it("continues when the token expires and the program can log in again", async () => {
      const token = await userWho(EVERYTHING);
      const batch = await connect();
      const { kuzzle } = batch;
      let logins = 0;
      const logIn = async (expiresIn: string): Promise<void> => {
        logins += 1;
        const username = userOf(token);
        await kuzzle.auth.login(
          "local",
          { username, password: "features" },
          expiresIn,
        );
      };
      kuzzle.authenticator = () => logIn("1h");
      await logIn("1s");
      await batch.limits();
      await sleep(1_500);

      const { successes } = await batch.mWrite(
        INDEX,
        collection,
        documents(400),
        { batchSize: 100 },
      );

      should(successes).have.length(400);
      should(logins).be.within(2, 3);
    });

    it("continues reading after cuts, logged in or not", async () => {
      await allowAnonymous({
        batch: ["limits", "batchGet", "mWrite"],
        bulk: ["mWrite"],
        document: ["mGet"],
      });
      try {
        const batch = await connect();
        await batch.mWrite(INDEX, collection, documents(2_000));
        let left = 3;
        proxy.cuts = {
          answer: (text) => text.includes('"batchGet"') && left-- > 0,
        };

        const { documents: read } = await batch.batchGet(
          INDEX,
          documents(2_000).map(({ _id }) => String(_id)),
          { collection, batchSize: 400 },
        );

        should(read).have.length(2_000);
        should(left).be.below(1);
      } finally {
        await allowAnonymous({});
      }
    });

    it("reports unknown anonymous writes, and never sends them again", async () => {
      await allowAnonymous({
        batch: ["limits", "batchGet", "mWrite"],
        bulk: ["mWrite"],
        document: ["mGet"],
      });
      try {
        const batch = await connect();
        await batch.limits();
        let left = 1;
        proxy.cuts = {
          answer: (text) => text.includes('"mWrite"') && left-- > 0,
        };
        const given = documents(4_000).map(({ body }) => ({ body }));

        const { successes, errors } = await batch.mWrite(
          INDEX,
          collection,
          given,
          { concurrency: 1 },
        );
        proxy.cuts = {};

        should(errors).not.be.empty();
        should(new Set(errors.map(({ code }) => code))).eql(
          new Set(["unknown_outcome"]),
        );
        should(successes.length + errors.length).equal(4_000);
        // the ids that the client assigned allow looking them up
        const unknown = errors.map(({ document }) => String(document._id));
        for (let tries = 0; tries < 50; tries++) {
          if ((await versions(batch, unknown)).length === unknown.length) break;
          await sleep(100);
        }
        should(await versions(batch, unknown)).eql(
          Array(unknown.length).fill(1),
        );
      } finally {
        await allowAnonymous({});
      }
    });
  });
}
