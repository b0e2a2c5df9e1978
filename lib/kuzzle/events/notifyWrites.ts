import _ from "lodash";

import type { DoneWrite, WriteCommand } from "../../core/commands";
import { groupBy } from "../../core/groupBy";
import type { KuzzleServices } from "../KuzzleServices";
import { noticeOf } from "./nativeShapes";
import { updatedFieldsIn } from "./updatedFields";
import { kindName, type PreparedWrite, type WriteGroup } from "./writeHooks";

/**
 * Notifies subscribers as the native actions would have done.
 *
 * @param isHeard whether anybody in the cluster subscribes to a group's collection
 */
export async function notifyWrites(
  kuzzle: KuzzleServices,
  { command: { index }, groups }: PreparedWrite<WriteCommand>,
  successes: readonly DoneWrite[],
  isHeard: (group: WriteGroup) => boolean,
): Promise<void> {
  const heard = new Map(
    groups.filter(isHeard).map((group) => [kindName(group), group]),
  );
  const [notified, unheard] =
    heard.size === 0
      ? [[], successes]
      : _.partition(successes, (each) => heard.has(kindName(each)));
  await Promise.all([
    notifyInOrder(kuzzle, heard, notified),
    // without subscribers, this is all that Kuzzle's notifier would do
    ...Array.from(
      groupBy(unheard, ({ collection }) => collection),
      ([collection, done]) =>
        kuzzle.forgetMatches(
          index,
          collection,
          done.map(({ _id }) => _id),
        ),
    ),
  ]);
}

/**
 * Sends the notifications of one document in the order of its operations. Otherwise it
 * sends as many documents as possible together, each with its own fields, even if an id
 * occurs twice.
 */
async function notifyInOrder(
  kuzzle: KuzzleServices,
  groups: ReadonlyMap<string, WriteGroup>,
  successes: readonly DoneWrite[],
): Promise<void> {
  const documents = Array.from(groups.values(), (group) => group.documents);
  const fieldsOf = updatedFieldsIn(documents.flat());
  for (const together of inOrder(successes)) {
    const group = groups.get(kindName(together)) as WriteGroup;
    const notices = together.done.map((each) =>
      noticeOf(each, () => fieldsOf(each)),
    );
    await kuzzle.notify(group.nativeRequest(), together.op, notices);
  }
}

interface NotifiedTogether extends Pick<DoneWrite, "op" | "collection"> {
  readonly done: DoneWrite[];
}

/**
 * Groups operations so that those on one document stay in order: only successive ones
 * of the same kind share a group.
 */
function inOrder(successes: readonly DoneWrite[]): NotifiedTogether[] {
  const steps: Array<Map<string, NotifiedTogether>> = [];
  const lastOf = new Map<string, { step: number; op: DoneWrite["op"] }>();

  for (const each of successes) {
    const { op, collection, _id } = each;
    const address = `${collection}/${_id}`;
    const last = lastOf.get(address);
    const step = last === undefined ? 0 : last.step + (last.op === op ? 0 : 1);
    lastOf.set(address, { step, op });
    const together = (steps[step] ??= new Map());
    const key = kindName(each);
    const group = together.get(key) ?? { op, collection, done: [] };
    group.done.push(each);
    together.set(key, group);
  }
  return steps.flatMap((step) => [...step.values()]);
}
