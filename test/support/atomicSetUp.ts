import should from "should";

import type { AtomicContext } from "../../lib/core/atomic/AtomicContext";
import {
  atomicWrite,
  type AtomicResult,
} from "../../lib/core/atomic/atomicWrite";
import { sweep } from "../../lib/core/atomic/recovery";
import type { WriteDocument } from "../../lib/core/commands";
import type { Journal } from "../../lib/core/ports/JournalStore";
import { atomicTools } from "./atomicTools";
import { writeCommand } from "./commands";
import { FakeJournals } from "./FakeJournals";
import { FakeStore } from "./FakeStore";
import { testEngine } from "./testEngine";

/** A node, and its engine. */
export function setUp({
  store = new FakeStore(),
  journals = new FakeJournals(),
} = {}) {
  const execution = testEngine(store);
  const tools = atomicTools(execution, journals);
  return {
    store,
    journals,
    tools,
    clock: execution.clock,
    send: (list: WriteDocument[]): Promise<AtomicResult> =>
      atomicWrite(writeCommand({ documents: list }), tools),
  };
}

/** What recovery reports. */
export async function recover(tools: AtomicContext, nodeId = "other") {
  const results: Journal[] = [];
  const failed: Error[] = [];
  let pending = -1;
  await sweep(
    { ...tools, nodeId },
    {
      recovered: (journal) => results.push(journal),
      pending: ({ count }) => (pending = count),
      failed: (error) => failed.push(error),
    },
  );
  return { recovered: results, failed, pending };
}

export function last({ stored }: FakeJournals): Journal {
  const [journal] = [...stored.values()].map((each) => each.journal);
  should(journal).not.equal(undefined);
  return journal as Journal;
}
