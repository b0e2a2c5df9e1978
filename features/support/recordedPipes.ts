/** Pipes that change nothing and record what they receive, in the order of the events. */
import type { JSONObject, KuzzleRequest } from "kuzzle";
import { upperFirst } from "lodash";

export interface Seen {
  readonly event: string;
  /** as JSON */
  readonly payload: JSONObject;
}

const seen: ({ readonly collection: string } & Seen)[] = [];

function record(
  event: string,
  { input, result }: KuzzleRequest,
  documents?: unknown,
): void {
  const { controller, action, args, body } = input;
  const { index, collection } = args;
  seen.push({
    collection,
    event,
    // as they are now, because later pipes may change them
    payload: JSON.parse(
      JSON.stringify({
        ...(documents === undefined ? {} : { documents }),
        ...{ controller, action, index, body, result },
      }),
    ) as JSONObject,
  });
}

const ACTIONS = [
  ...["mCreate", "mCreateOrReplace", "mReplace"],
  ...["mUpdate", "mUpsert", "mDelete"],
];
const ON_REQUEST = [
  ...["bulk:beforeMWrite", "bulk:afterMWrite"],
  ...ACTIONS.flatMap((action) =>
    ["before", "after"].map((when) => `document:${when}${upperFirst(action)}`),
  ),
];
const ON_DOCUMENTS = ["Write", "Update", "Delete"].flatMap((kind) =>
  ["before", "after"].map((when) => `generic:document:${when}${kind}`),
);

export const RECORDING = {
  ...Object.fromEntries(
    ON_REQUEST.map((event) => [
      event,
      (request: KuzzleRequest) => {
        record(event, request);

        return request;
      },
    ]),
  ),
  ...Object.fromEntries(
    ON_DOCUMENTS.map((event) => [
      event,
      (documents: unknown, request: KuzzleRequest) => {
        record(event, request, documents);

        return documents;
      },
    ]),
  ),
};

/** @returns what was recorded since, for one collection */
export function takeSeen(collection: string): Seen[] {
  const own = seen
    .filter((each) => each.collection === collection)
    .map(({ event, payload }) => ({ event, payload }));
  const others = seen.filter((each) => each.collection !== collection);

  seen.splice(0, seen.length, ...others);

  return own;
}
