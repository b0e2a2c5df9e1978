import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import should from "should";

const INSTALL = path.resolve(__dirname, "../../../scripts/install");

/* eslint-disable @typescript-eslint/no-require-imports */
const { withoutGlibc238 } = require(path.join(INSTALL, "glibc.js")) as {
  withoutGlibc238: (object: Buffer) => Buffer;
};
/* eslint-enable */

describe("Kuzzle's web server for this Node", function () {
  this.timeout(20_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "native-"));
    cpSync(INSTALL, path.join(folder, "scripts/install"), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is rejected in a sentence where it has no binary", () => {
    install("uWebSockets.js", "module.exports = { App() {} };");
    should(fit()).match(/does not load on Node .*Node 20, 22 and 24/s);
  });

  it("is rejected with its own words where it does not load", () => {
    install("uWebSockets.js", "throw new Error('not on a Monday');");
    should(fit()).match(/not on a Monday\..*Node 20, 22 and 24/s);
  });

  it("is taken where it is native", () => {
    install("uWebSockets.js", "require('./uws_a.node');");
    const [server] = binaries((name) => name.includes(thisNode()));
    cpSync(
      server!,
      path.join(folder, "node_modules/uWebSockets.js/uws_a.node"),
    );
    should(fit()).equal("");
  });

  /** Its complaints, from a separate process. */
  function fit(): string {
    const { stderr } = spawnSync(
      process.execPath,
      [
        "-e",
        `require("./scripts/install/nativeModules.js").fitNativeModules()
          .catch((error) => console.error(error.message));`,
      ],
      { cwd: folder, encoding: "utf8" },
    );
    return stderr;
  }

  function install(name: string, program: string): void {
    const place = path.join(folder, "node_modules", name);
    mkdirSync(path.join(folder, "node_modules/kuzzle"), { recursive: true });
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, "index.js"), program);
  }
});

describe("a shared object built on glibc 2.38", () => {
  for (const file of binaries((name) => name.startsWith("uws_linux"))) {
    it(`does without it: ${path.basename(file)}`, () => {
      const lowered = withoutGlibc238(readFileSync(file));
      should(withoutGlibc238(lowered).equals(lowered)).be.true();
    });
  }

  it("is rejected when it uses anything that the older ones have not", () => {
    const [file] = binaries(
      (name) => name.startsWith("uws_linux") && !name.includes(thisNode()),
    );
    const object = readFileSync(file!);
    object.write("__isoc29_", object.indexOf("__isoc23_strtol\0"), "latin1");
    should(() => withoutGlibc238(object)).throw(/__isoc29_strtol is not in/);
  });
});

function thisNode(): string {
  return `${process.platform}_${process.arch}_${process.versions.modules}.node`;
}

function binaries(wanted: (name: string) => boolean): string[] {
  const kuzzle = path.dirname(require.resolve("kuzzle/package.json"));
  const folder = path.dirname(
    require.resolve("uWebSockets.js", { paths: [kuzzle] }),
  );
  return readdirSync(folder)
    .filter((name) => wanted(name) && name.endsWith(".node"))
    .map((name) => path.join(folder, name));
}
