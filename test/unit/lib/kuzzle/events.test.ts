import type { KuzzleRequest } from "kuzzle";
import should from "should";

import { FakeStore } from "../../../support/FakeStore";
import { controllerWith, run } from "../../../support/controller";
import { becomeKuzzle } from "../../../support/kuzzle";
import { kuzzleRequest, kuzzleServices } from "../../../support/request";

type Pipe = (payload: any, request?: any) => unknown;

/** A Kuzzle with the given pipes that records what passes through them. */
function kuzzleWith(pipes: Record<string, Pipe>) {
  const events: Array<{ event: string; payload: any; request: any }> = [];
  const kuzzle = kuzzleServices();
  return {
    events,
    kuzzle: {
      ...kuzzle,
      hasListeners: (event: string) => event in pipes,
      pipe: async (event: string, payload: any, request?: any) => {
        events.push({ event, payload, request });
        return pipes[event]?.(payload, request) ?? payload;
      },
    },
  };
}

function send(
  action: "batchGet" | "mWrite" | "mUpdate",
  pipes: Record<string, Pipe>,
  body: object,
  args: Record<string, unknown> = {},
) {
  const store = new FakeStore();
  for (const collection of ["yellow", "green"]) {
    store.put(collection, "a", { owner: "alyx", at: collection });
    store.put(collection, "b", { owner: "mallory", at: collection });
  }
  const { events, kuzzle } = kuzzleWith(pipes);
  const answer = run(
    controllerWith(store, kuzzle),
    kuzzleRequest({ action, index: "nyc", body, ...args }),
  );
  return { answer, events, store };
}

const isAlyx = ({ _source }: any) => _source.owner === "alyx";

describe("the pipes of native requests", () => {
  let leave: () => void;

  before(() => {
    // a request's result can only be set in a running Kuzzle
    leave = becomeKuzzle({});
  });

  after(() => leave());

  describe("batchGet", () => {
    const ids = ["a", "b", "x"];

    it("[R6] cost nothing when nobody listens", async () => {
      const { answer, events } = send("batchGet", {}, { ids });
      await answer;
      should(events).eql([]);
    });

    it("[R6] see each collection's request in native shape", async () => {
      const { answer, events } = send(
        "batchGet",
        { "document:beforeMGet": (request) => request },
        { ids },
      );
      await answer;
      const requests = events
        .filter(({ event }) => event === "document:beforeMGet")
        .map(({ payload }) => (payload as KuzzleRequest).input);

      should(requests.map(({ args }) => args.collection)).eql([
        "yellow",
        "green",
      ]);
      requests.forEach((input) => {
        should(input).containDeep({
          controller: "document",
          action: "mGet",
          args: { index: "nyc" },
          body: { ids },
        });
      });
    });

    it("[R6] see the answer in native shape, failures apart", async () => {
      const { answer, events } = send(
        "batchGet",
        { "document:afterMGet": (request) => request },
        { ids },
        { collection: "yellow", source: "at" },
      );
      const { documents } = await answer;
      const { payload } = events.find(
        ({ event }) => event === "document:afterMGet",
      ) as any;

      should(payload.result).eql({
        successes: [
          { _id: "a", _source: { owner: "alyx", at: "yellow" }, _version: 1 },
          {
            _id: "b",
            _source: { owner: "mallory", at: "yellow" },
            _version: 1,
          },
        ],
        errors: ["x"],
      });
      documents.forEach(({ _source }: any) =>
        should(_source).eql({ at: "yellow" }),
      );
    });

    it("[R6] a document that one takes away is an error, 403", async () => {
      const takers: Record<string, Pipe>[] = [
        {
          "generic:document:afterGet": (documents) => documents.filter(isAlyx),
        },
        {
          "document:afterMGet": (request: any) => {
            request.setResult({
              ...request.result,
              successes: request.result.successes.filter(isAlyx),
            });
            return request;
          },
        },
        {
          "generic:document:beforeGet": (documents) =>
            documents.filter(({ _id }: any) => _id !== "b"),
        },
        {
          "document:beforeMGet": (request: any) => {
            request.input.body = { ids: ["a", "x"] };
            return request;
          },
        },
      ];
      for (const pipes of takers) {
        const { answer } = send(
          "batchGet",
          pipes,
          { ids },
          {
            collection: "yellow",
            source: false,
          },
        );
        const { documents, errors, not_found } = await answer;
        should(documents.map(({ _id }: any) => _id)).eql(["a"]);
        should(not_found).eql(["x"]);
        should(errors).containDeep([
          { _id: "b", position: 1, status: 403, code: "forbidden" },
        ]);
      }
    });

    it("[R6] one that adds or renames a document is a 500 that names it", async () => {
      const adders: Record<string, Pipe>[] = [
        {
          "generic:document:beforeGet": (documents) => [
            ...documents,
            { _id: "intruder" },
          ],
        },
        {
          "generic:document:afterGet": (documents) => [
            ...documents,
            { _id: "intruder", _source: {} },
          ],
        },
        {
          "generic:document:afterGet": ([first, ...rest]) => [
            { ...first, _id: "intruder" },
            ...rest,
          ],
        },
      ];
      for (const pipes of adders) {
        await send("batchGet", pipes, {
          ids,
        }).answer.should.be.rejectedWith({
          id: "batch.pipe.invalid",
          status: 500,
          message: /"intruder"/,
        });
      }
    });

    it("[R6] one that throws makes the request fail with its own error", async () => {
      await send(
        "batchGet",
        {
          "generic:document:afterGet": () => {
            throw new Error("not today");
          },
        },
        { ids },
      ).answer.should.be.rejectedWith("not today");
    });
  });

  const TWINS = [
    ["mWrite", "bulk:beforeMWrite", "bulk:afterMWrite"],
    ["mUpdate", "document:beforeMUpdate", "document:afterMUpdate"],
  ] as const;
  for (const [action, before, after] of TWINS) {
    describe(action, () => {
      const body = {
        documents: [
          { _id: "a", body: { n: 1 } },
          { _id: "", body: {} },
          { _id: "b", body: { n: 2 } },
          { _id: "a", body: { n: 3 } },
        ],
      };
      const yellow = { collection: "yellow" };

      it("[R6] cost nothing when nobody listens", async () => {
        const { answer, events } = send(action, {}, body, yellow);
        await answer;
        should(events).eql([]);
      });

      it("[R6] see the request and the answer in native shape", async () => {
        const keep = (request: unknown) => request;
        const { answer, events } = send(
          action,
          { [before]: keep, [after]: keep },
          body,
          yellow,
        );
        const { successes } = await answer;
        const seen = (event: string) =>
          events.find((each) => each.event === event)?.payload as KuzzleRequest;

        should(seen(before).input).containDeep({
          action,
          args: { index: "nyc", collection: "yellow" },
          body: {
            documents: [
              { _id: "a", body: { n: 1 } },
              { _id: "b", body: { n: 2 } },
              { _id: "a", body: { n: 3 } },
            ],
          },
        });
        should(
          seen(after).result.successes.map(({ _id, _source }: any) => [
            _id,
            _source.n,
          ]),
        ).eql([
          ["a", 1],
          ["b", 2],
          ["a", 3],
        ]);
        should(successes).have.length(3);
      });

      it("[R6] write the bodies that one has left", async () => {
        const { answer, store } = send(
          action,
          {
            [before]: (request: any) => {
              request.input.body.documents.forEach((each: any) => {
                each.body = { ...each.body, stamped: true };
              });
              return request;
            },
          },
          body,
          yellow,
        );
        await answer;
        should(store.sourceOf("yellow", "b")).containEql({
          n: 2,
          stamped: true,
        });
      });

      it("[R1, R6] a document that one takes away before is an error, and not written", async () => {
        const { answer, store } = send(
          action,
          {
            [before]: (request: any) => {
              request.input.body.documents =
                request.input.body.documents.filter(
                  ({ _id }: any) => _id !== "b",
                );
              return request;
            },
          },
          body,
          yellow,
        );
        const { successes, errors } = await answer;

        should(successes.map(({ position }: any) => position)).eql([0, 3]);
        should(errors.map((each: any) => [each.position, each.code])).eql([
          [1, "invalid"],
          [2, "forbidden"],
        ]);
        should(store.sentItems.map(({ _id }) => _id)).eql(["a", "a"]);
      });

      it("[R6, W2] a document that one takes away stops a strict batch", async () => {
        const { answer, store } = send(
          action,
          {
            [before]: (request: any) => {
              request.input.body.documents = [];
              return request;
            },
          },
          { documents: body.documents.slice(0, 1) },
          { ...yellow, strict: true },
        );
        await answer.should.be.rejectedWith({ count: 1, status: 400 });
        should(store.bulkCalls).eql([]);
      });

      it("[R6] one that adds or renames a document is a 500 that names it, and nothing is written", async () => {
        const { answer, store } = send(
          action,
          {
            [before]: (request: any) => {
              request.input.body.documents[0]._id = "intruder";
              return request;
            },
          },
          body,
          yellow,
        );
        await answer.should.be.rejectedWith({
          id: "batch.pipe.invalid",
          status: 500,
          message: /"intruder"/,
        });
        should(store.bulkCalls).eql([]);
      });

      it("[R6] a document that one takes away after is an error", async () => {
        const { answer } = send(
          action,
          {
            [after]: (request: any) => {
              request.setResult({
                ...request.result,
                successes: request.result.successes.slice(1),
              });
              return request;
            },
          },
          { documents: body.documents.slice(2) },
          yellow,
        );
        const { successes, errors } = await answer;
        should(successes.map(({ _id }: any) => _id)).eql(["a"]);
        should(errors).containDeep([
          { document: { _id: "b" }, position: 0, code: "forbidden" },
        ]);
      });
    });
  }
});
