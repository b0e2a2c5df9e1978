import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import should from "should";

import { ApiError, type Call } from "../../../../bin/connection/connection";
import { ReliableConnection } from "../../../../bin/connection/ReliableConnection";
import { foundLine, Getter } from "../../../../bin/get/Getter";
import { type RequestedLine, readIds } from "../../../../bin/get/ids";

/** Never waits. */
const CLOCK = { now: () => 0, random: () => 0, sleep: async () => undefined };

type Asked = string | { _id: string; collection?: string };

/** @param answer to the requested ids or addresses, and the number of the request */
function getter(answer: (asked: Asked[], n: number) => object) {
  const calls: Asked[][] = [];
  const connection = {
    ...{ server: "fake", envelopeBytes: 0, hasUser: false, timeoutMs: 1 },
    call: async ({ body }: Call) => {
      const { ids, documents } = JSON.parse((body as Buffer).toString());
      calls.push(ids ?? documents);
      return {
        ...{ documents: [], not_found: [], errors: [], unprocessed: [] },
        ...answer(ids ?? documents, calls.length),
      };
    },
    logIn: async () => false,
    close: () => undefined,
  };
  const reliable = new ReliableConnection(connection, {
    ...{ retryForMs: 0, onWait: () => undefined },
    signal: new AbortController().signal,
  });
  const target = { index: "i", collection: undefined, args: {} };
  return {
    calls,
    getter: new Getter(reliable, target, CLOCK),
  };
}

const lines = (...asked: Asked[]): RequestedLine[] =>
  asked.map((each, i) => ({
    line: i + 1,
    ...(typeof each === "string" ? { _id: each } : each),
  }));
const found = (...ids: string[]) => ids.map((_id) => ({ _id }));

describe("Getter", () => {
  it("requests again what did not fit, and what may be available later", async () => {
    const { getter: each, calls } = getter((_, n) =>
      n === 1
        ? {
            documents: found("a"),
            errors: [{ position: 1, retryable: true }],
            unprocessed: ["c"],
          }
        : { documents: found("b", "c") },
    );
    const outcome = await each.get(lines("a", "b", "c"));
    should(calls).eql([
      ["a", "b", "c"],
      ["b", "c"],
    ]);
    should(outcome).eql({
      found: [{ _id: "a" }, { _id: "b" }, { _id: "c" }],
      ...{ notFound: [], errors: [] },
    });
  });

  it("[R13] writes each document as the text that the engine holds", async () => {
    const json = '{"n":1306415010221662247,\n"f":1.0}';
    const { getter: each } = getter(() => ({
      documents: [
        { _id: "a", index: "i", json, _version: 1 },
        { _id: "b", _source: { n: 1 } },
      ],
    }));
    should((await each.get(lines("a", "b"))).found.map(foundLine)).eql([
      '{"_id":"a","index":"i","_source":{"n":1306415010221662247, "f":1.0},"_version":1}',
      '{"_id":"b","_source":{"n":1}}',
    ]);
  });

  it("reports errors by line, in order, and finally stops retrying", async () => {
    const { getter: each, calls } = getter((asked) => ({
      errors: asked.map((_, position) => ({
        ...{ position, status: 503, code: "unavailable", reason: "busy" },
        retryable: true,
      })),
    }));
    const { errors } = await each.get([
      ...lines("a"),
      { line: 2, text: "x", error: "no id" },
      { line: 3, _id: "c" },
    ]);
    should(calls).have.length(6);
    should(errors.map((line) => JSON.parse(line))).eql([
      { _id: "a", line: 1, code: "unavailable", status: 503, reason: "busy" },
      { _id: "x", line: 2, code: "invalid", reason: "no id" },
      { _id: "c", line: 3, code: "unavailable", status: 503, reason: "busy" },
    ]);
  });

  it("finds the collection that spoils its request, and gets the others", async () => {
    const { getter: each } = getter((asked) => {
      if (asked.some((one) => (one as { collection?: string }).collection)) {
        throw new ApiError(412, "x", "no such collection");
      }
      return {
        documents: found(
          ...asked.map((one) => (typeof one === "string" ? one : one._id)),
        ),
      };
    });
    const outcome = await each.get(
      lines("a", "b", { _id: "c", collection: "no" }, "d", "e"),
    );
    should(outcome.found.map((each) => each._id)).eql(["a", "b", "d", "e"]);
    should(outcome.errors.map((line) => JSON.parse(line))).match([
      { _id: "c", collection: "no", line: 3, status: 412 },
    ]);
  });

  it("ends if the request itself is rejected", async () => {
    const { getter: each, calls } = getter(() => {
      throw new ApiError(412, "x", "no such index");
    });
    await each.get(lines("a", "b")).should.be.rejectedWith(/no such index/);
    should(calls).have.length(1);
  });

  it("writes ids that do not exist so that they can be requested again", async () => {
    const { getter: each } = getter(() => ({
      not_found: ["plain", " odd", "{", { _id: "a", collection: "c" }],
    }));
    should((await each.get(lines("x"))).notFound).eql([
      "plain",
      '{"_id":" odd"}',
      '{"_id":"{"}',
      '{"_id":"a","collection":"c"}',
    ]);
  });
});

describe("readIds", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "ids-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("reads ids and addresses in batches, and reports lines that are neither", async () => {
    const file = path.join(folder, "ids");
    const text = `\ufeffa\r\n\n  b c \n{"_id":"d","collection":"e","more":1}\n{"x":1}\n{"_id":7}\n${"y".repeat(513)}`;
    writeFileSync(
      file,
      Buffer.concat([Buffer.from(text), Buffer.from([0x0a, 0xff])]),
    );
    const parts: RequestedLine[][] = [];
    for await (const part of readIds(file, 3, new AbortController().signal))
      parts.push(part);
    should(parts.map(({ length }) => length)).eql([3, 3, 1]);
    should(
      parts
        .flat()
        .map((each) =>
          "error" in each
            ? [each.line, "defect"]
            : [each.line, each._id, each.collection],
        ),
    ).eql([
      [1, "a", undefined],
      [3, "  b c ", undefined],
      [4, "d", "e"],
      [5, '{"x":1}', undefined],
      [6, "defect"],
      [7, "defect"],
      [8, "defect"],
    ]);
  });
});
