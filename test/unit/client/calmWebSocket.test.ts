import { spawnSync } from "node:child_process";
import path from "node:path";

import should from "should";

const CALM = path.resolve(__dirname, "../../../client/transport/calmWebSocket");

/** For Node 20, which has none: fails like that of Node 22, and stays "connecting". */
const STAND_IN = `
globalThis.WebSocket ??= class {
  static { Object.assign(this.prototype, { CLOSING: 2, CLOSED: 3 }); }
  get readyState() { return 0; }
  set onerror(handler) { setTimeout(handler, 50, new Event("error")); }
  close() {}
};
`;

/** Nobody listens on port 1. */
const PROGRAM = (then: string): string => `
${STAND_IN}
const sdk = require("kuzzle-sdk");
const { calmWebSocket } = require(${JSON.stringify(CALM)});
const kuzzle = new sdk.Kuzzle(
  new sdk.WebSocket("127.0.0.1", { port: 1, autoReconnect: false }),
);
calmWebSocket(kuzzle);
calmWebSocket(kuzzle);
kuzzle.connect().then(
  () => console.log("connected"),
  (error) => console.log("refused: " + error.message),
);
${then}
`;

describe("the SDK on Node's own WebSocket", function () {
  this.timeout(20_000);

  it("rejects when no connection can be opened", () => {
    const { status, stdout, stderr } = run("");
    should(stdout).equal("refused: Connection error\n", stderr);
    should(status).equal(0);
  });

  it("does not end the program when it is disconnected before that is known", () => {
    const { status, stdout, stderr } = run(
      `kuzzle.disconnect(); setTimeout(() => console.log("alive"), 500);`,
    );
    should(stdout).endWith("alive\n", stderr);
    should(status).equal(0);
  });
});

function run(then: string) {
  return spawnSync(
    process.execPath,
    ["--require", "tsx/cjs", "-e", PROGRAM(then)],
    { encoding: "utf8", timeout: 15_000 },
  );
}
