import { Writable } from "node:stream";

import should from "should";

import { CountProgress } from "../../../../bin/output/CountProgress";
import { LoadProgress } from "../../../../bin/output/LoadProgress";
import { oneLine } from "../../../../bin/output/Terminal";
import { redact, Terminal } from "../../../../bin/output/Terminal";
import { duration } from "../../../../bin/output/words";
import { explain } from "../../../../bin/explain";
import {
  connectionOptions,
  type ConnectionFlags,
} from "../../../../bin/options";
import { ApiError } from "../../../../bin/connection/connection";
import { EXIT, UsageError } from "../../../../bin/usage";
import { documentRow } from "../support";

function collected(): { stream: NodeJS.WriteStream; lines: string[] } {
  const lines: string[] = [];
  const stream = new Writable({
    write: (text, _, done) => {
      lines.push(String(text).trimEnd());
      done();
    },
  }) as unknown as NodeJS.WriteStream;
  return { stream, lines };
}

describe("what is shown", () => {
  it("contains no recognizable credentials", () => {
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJfaWQiOiJhZGEifQ.c2lnbmF0dXJl-_";
    const key = "kapikey-4f0c9a1d2b3e4f5a6b7c8d9e";
    for (const [text, shown] of [
      ["http://ada:s3cret@example.com:7512/", "http://***@example.com:7512/"],
      [`Token ${jwt} expired`, "Token *** expired"],
      [`?key=${key}&a=b`, "?key=***&a=b"],
      [`it was ${key}.`, "it was ***."],
    ] as const) {
      should(redact(text, key)).equal(shown);
    }
    const { stream, lines } = collected();
    const terminal = new Terminal(stream);
    terminal.hide(key);
    terminal.line(`it was ${key}`);
    should(lines).eql(["it was ***"]);
  });

  it("keeps the words of a message, whatever the credentials are", () => {
    const message =
      "Kuzzle answered 401: wrong username or password for a user of kuzzle@example.com";
    for (const key of [undefined, "", "a", "kuzzle", "password"]) {
      should(redact(message, key)).equal(message);
    }
  });

  it("does not let a row steer the terminal", () => {
    should(oneLine("a\x1b[2Jb\r\nc\x9b")).equal("a [2Jb c ");
    should(oneLine("x".repeat(1_000))).have.length(301);
  });

  it("leaves nothing of a longer progress line after a line", () => {
    let text = "";
    const stream = { isTTY: true, write: (some: string) => (text += some) };
    const terminal = new Terminal(stream as never);
    terminal.setBar({ stop: () => undefined, draw: () => (text += "bar") });
    terminal.line("short");
    should(text).equal("\r\x1b[2Kshort\nbar");
  });

  it("formats durations for people", () => {
    should([0.04, 9.94, 59.6, 200, 3_900].map(duration)).eql([
      ...["0.0 s", "9.9 s", "1 min 0 s", "3 min 20 s", "1 h 5 min"],
    ]);
  });
});

const NOTHING = { done: 0, rejected: 0 };

describe("progress without a terminal", () => {
  it("has a line every ten seconds, and every minute later on", async () => {
    const { stream, lines } = collected();
    let now = 0;
    const progress = new LoadProgress(
      new Terminal(stream),
      "written",
      () => now,
    );
    await progress.prepare();
    const input = { totalBytes: 1_000, readBytes: 1_000, unpackedBytes: 1_000 };
    progress.onBegin(input, NOTHING, 0);
    for (now = 1_000; now <= 300_000; now += 1_000) {
      progress.onProgress({ done: now / 10, rejected: 1 }, now / 300);
    }
    should(lines[0]).equal(
      "3 % | 1,000 written, 1 rejected | 100/s | 4 min 50 s left",
    );
    should(lines).have.length(10);
    const counts = { done: 30_000, rejected: 1 };
    should(progress.finish({ end: "all", counts })).match(
      /^30,000 written, 1 rejected in 5 min/,
    );
  });

  it("shows the rate of this run only, and no share of an input without a size", () => {
    const { stream, lines } = collected();
    let now = 0;
    const progress = new LoadProgress(
      new Terminal(stream),
      "written",
      () => now,
    );
    progress.onBegin(
      { totalBytes: undefined, readBytes: 0, unpackedBytes: 0 },
      { done: 5_000, rejected: 2 },
      50_000,
    );
    now = 10_000;
    progress.onProgress({ done: 6_000, rejected: 2 }, 60_000);
    should(lines).eql([
      "Resumed after 5,000 written, 2 rejected.",
      "6,000 written, 2 rejected | 100/s",
    ]);
  });

  it("is the processed share, even if a compressed input has been read to its end", async () => {
    const { stream, lines } = collected();
    let now = 0;
    const progress = new LoadProgress(
      new Terminal(stream),
      "written",
      () => now,
    );
    // 1,000 bytes that unpack to 8,000; an earlier run has processed one half
    const input = { totalBytes: 1_000, readBytes: 500, unpackedBytes: 4_000 };
    progress.onBegin(input, { done: 400, rejected: 0 }, 4_000);
    Object.assign(input, { readBytes: 1_000, unpackedBytes: 8_000 });
    now = 10_000;
    progress.onProgress({ done: 600, rejected: 0 }, 6_000);
    now = 20_000;
    progress.onProgress({ done: 800, rejected: 0 }, 8_000);
    should(lines.slice(1)).eql([
      "75 % | 600 written, 0 rejected | 20/s | 10 s left",
      "100 % | 800 written, 0 rejected | 20/s",
    ]);
  });

  it("shows the first documents of a dry run, as they would be written", () => {
    const { stream, lines } = collected();
    const progress = new LoadProgress(new Terminal(stream), "to be written");
    for (const row of [1, 2, 3, 4]) progress.onDocuments([documentRow(row)]);
    should(lines).have.length(3);
    should(lines[0]).match(/^document: \{"_id":"id-1","body":\{.*\}\}$/);
  });

  it("shows the first rejected rows, and says where to find all of them", () => {
    const { stream, lines } = collected();
    const progress = new LoadProgress(new Terminal(stream), "written");
    for (let line = 1; line <= 50; line++) {
      progress.onRejected({ line, row: line, code: "invalid", reason: "no" });
    }
    should(lines).have.length(11);
    should(lines[9]).equal("line 10: invalid: no");
    should(lines[10]).match(/--rejects FILE/);
  });
});

describe("progress of an export", () => {
  it("shows what was found, then the share and the remaining time of this run", () => {
    const { stream, lines } = collected();
    let now = 0;
    const progress = new CountProgress(
      new Terminal(stream),
      "exported",
      () => now,
    );
    progress.begin();
    now = 10_000;
    progress.found(1_000);
    progress.resume(1_000, 500);
    now = 20_000;
    progress.update(750);
    now = 30_000;
    progress.update(1_000);
    should(lines).eql([
      "1,000 found",
      "75 % | 750 of 1,000 exported | 13/s | 20 s left",
      "100 % | 1,000 of 1,000 exported | 17/s",
    ]);
    should(progress.pace()).equal("in 30 s (17/s)");
  });
});

describe("connection options", () => {
  const flags: ConnectionFlags = {
    ...{ host: "localhost", port: 7512, ssl: false, protocol: "http" },
    ...{ strategy: "local", timeout: 120 },
  };

  const addressOf = (host: string, others: object = {}) => {
    const options = connectionOptions({ ...flags, ...others, host }, {});
    const { host: name, port, ssl, path } = options;
    return [name, port, ssl, path];
  };

  it("take a name, an address or a URL as host", () => {
    should(addressOf("::1")).eql(["::1", 7512, false, ""]);
    should(addressOf("kuzzle.local")).eql(["kuzzle.local", 7512, false, ""]);
    should(addressOf("https://example.com")).eql([
      "example.com",
      443,
      true,
      "",
    ]);
    should(addressOf("http://[::1]:80/a/b/")).eql(["::1", 80, false, "/a/b"]);
    should(addressOf("wss://example.com:9", { protocol: "websocket" })).eql([
      ...["example.com", 9, true, ""],
    ]);
  });

  it("reject an invalid host, and one with a password, which they never show", () => {
    for (const host of [
      ...["ftp://localhost", "localhost:7512", "a b", "http://a/?q=1"],
      ...["http://a:S3cret@b", "a:S3cret@b"],
    ]) {
      should(() => addressOf(host)).throw(UsageError);
      should(() => addressOf(host)).throw(/^(?!.*S3cret)/);
    }
    const websocket = { protocol: "websocket" };
    should(() => addressOf("ws://localhost/kuzzle", websocket)).throw(/path/);
  });
});

describe("what went wrong", () => {
  it("names the key or the token that is not valid", () => {
    for (const id of ["security.token.invalid", "security.token.expired"]) {
      const error = new ApiError(401, id, "Invalid token.");
      should(explain(error, {})).match({
        message: /401: Invalid token\. .*\nThe API key or token is not valid/,
        exitCode: EXIT.rejected,
      });
    }
  });

  it("says how to resume, if that is possible", () => {
    const error = new Error("ENOSPC");
    should(explain(error, { checkpoint: "x" })).match({
      exitCode: 4,
      message: /ENOSPC\nRun the same command/,
    });
    should(explain(error, {}).message).match(/--checkpoint FILE/);
    should(explain(error, { checkpoint: false }).message).match(
      /ENOSPC\n(?!.*--checkpoint).*run the same command again/,
    );
  });
});
