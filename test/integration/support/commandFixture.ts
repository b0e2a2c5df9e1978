import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import should from "should";

import {
  createCollection,
  releaseCollection,
} from "../../../features/support/kuzzle";
import { ADMIN, command, type Ended, run } from "../../load/import/command";
import { MAPPINGS } from "../../load/import/killed";
import { ask, collectionPath } from "./engine";

/**
 * Collections and files for tests of the command, removed afterwards. Call it in a
 * `describe`.
 */
export function commandFixture(index: string) {
  let folder = "";
  const used = new Set<string>();
  const file = (name: string) => path.join(folder, name);

  before(() => {
    command();
    folder = mkdtempSync(path.join(os.tmpdir(), "kuzzle-batch-"));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    for (const each of used) await releaseCollection(`${index}:${each}`, false);
  });

  return {
    /** the path of a file in the test's own folder */
    file,
    /** registers a collection that a test creates itself */
    uses: (name: string) => void used.add(name),

    /** Creates a collection for a single test. */
    collection: async (
      name: string,
      mappings: object = MAPPINGS,
    ): Promise<string> => {
      used.add(name);
      await createCollection(`${index}:${name}`, mappings);
      return name;
    },

    /** A document as stored in the engine. */
    source: async (name: string, id: string): Promise<any> => {
      const rest = `_doc/${encodeURIComponent(id)}`;
      return (await ask("GET", collectionPath(index, name, rest)))._source;
    },

    count: async (name: string): Promise<number> => {
      await ask("POST", collectionPath(index, name, "_refresh"));
      return (await ask("GET", collectionPath(index, name, "_count"))).count;
    },
  };
}

/** Runs the command as the administrator. */
export const load = (args: readonly string[], input?: string | Buffer) =>
  run(args, ADMIN, input);

export function assertEnd(ended: Ended, code: number, text: RegExp): void {
  should(ended.code).equal(code, ended.stderr);
  should(ended.stderr).match(text);
}
