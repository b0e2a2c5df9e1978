import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

/** @throws with `otherwise` if it does not become true in time */
export async function until(
  otherwise: string,
  isTrue: () => Promise<boolean>,
  ms = 60_000,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await isTrue())) {
    assert.ok(Date.now() < deadline, otherwise);
    await sleep(POLL_MS);
  }
}
