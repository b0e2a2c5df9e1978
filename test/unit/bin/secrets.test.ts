import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import should from "should";

import type { ConnectionFlags } from "../../../bin/options";
import { readSecrets } from "../../../bin/secrets";
import { UsageError } from "../../../bin/usage";

describe("secrets of the command", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "secrets-"))));
  after(() => rmSync(folder, { recursive: true }));

  const flags: ConnectionFlags = {
    ...{ host: "localhost", port: 7512, ssl: false, protocol: "http" },
    ...{ strategy: "local", timeout: 120 },
  };
  const noPrompt = async () => undefined;
  const read = (
    own: Partial<ConnectionFlags>,
    environment: Record<string, string> = {},
    prompt: typeof noPrompt | (() => Promise<string>) = noPrompt,
  ) => readSecrets({ ...flags, ...own }, environment, prompt);

  it("come from a file, the environment or a prompt", async () => {
    const file = path.join(folder, "password");
    writeFileSync(file, "from file\n");
    const login = (password: string) => ({
      login: { username: "ada", password },
    });
    should(await read({ username: "ada", passwordFile: file })).eql(
      login("from file"),
    );
    should(
      await read({ username: "ada" }, { KUZZLE_PASSWORD: "from there" }),
    ).eql(login("from there"));
    should(await read({ username: "ada" }, {}, async () => "typed")).eql(
      login("typed"),
    );
    should(await read({}, { KUZZLE_API_KEY: "kapikey-1" })).eql({
      apiKey: "kapikey-1",
    });
    should(await read({})).eql({});
  });

  it("are rejected if incomplete, ambiguous, or invalid in a header", async () => {
    for (const [own, environment] of [
      [{ username: "a" }, {}],
      [{}, { KUZZLE_PASSWORD: "b" }],
      [{ username: "a" }, { KUZZLE_PASSWORD: "b", KUZZLE_API_KEY: "c" }],
      [{}, { KUZZLE_API_KEY: "S3cret\r" }],
      [{}, { KUZZLE_API_KEY: "" }],
      [{ passwordFile: path.join(folder, "none"), username: "a" }, {}],
    ] as const) {
      const error = await read(own, environment).then(
        () => new Error("accepted"),
        (thrown: Error) => thrown,
      );
      should(error).be.instanceof(UsageError);
      should(error.message).not.match(/S3cret/);
    }
  });
});
