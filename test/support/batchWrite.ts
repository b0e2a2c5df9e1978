import type { OperationName } from "../../lib/types";
import { controllerWith, run } from "./controller";
import { FakeStore } from "./FakeStore";
import {
  kuzzleRequest,
  kuzzleServices,
  userWith,
  type Needed,
} from "./request";

/** An engine with these documents. */
export function storeWith(...ids: string[]): FakeStore {
  const store = new FakeStore();
  for (const _id of ids) {
    for (const collection of ["yellow", "green"]) {
      store.put(collection, _id, { old: _id });
    }
  }
  return store;
}

const ALL_RIGHTS: (needed: Needed) => boolean = () => true;

/** The response of batch:batchWrite to a request with these operations. */
export function send(
  operations: unknown,
  {
    store = storeWith("a", "b"),
    kuzzle = kuzzleServices(),
    args = {},
    allows = ALL_RIGHTS,
  } = {},
): Promise<any> {
  return run(
    controllerWith(store, kuzzle),
    kuzzleRequest(
      { action: "batchWrite", index: "nyc", body: { operations }, ...args },
      { user: userWith(allows) },
    ),
  );
}

/** A valid operation; `send` has the documents "a" and "b" in its store. */
export function operation(op: OperationName, collection = "yellow", _id = "a") {
  const content =
    op === "upsert" ? { changes: { n: 1 } } : op !== "delete" && { body: {} };
  return { [op]: { collection, _id, ...content } };
}

export function positionsOf(
  list: ReadonlyArray<{ position: number }>,
): number[] {
  return list.map(({ position }) => position);
}
