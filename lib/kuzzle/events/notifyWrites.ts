import _ from "lodash";

import type { DoneWrite } from "../../core/commands";
import type { KuzzleServices } from "../KuzzleServices";
import { noticeOf } from "./nativeShapes";
import { updatedFieldsIn } from "./updatedFields";
import { kindName, type WriteGroup } from "./writeHooks";

/**
 * Notifies subscribers as the native actions would have.
 *
 * The notifications of one document are sent in the order in which it was done. Otherwise as
 * many documents as possible go together, each with its own fields, also where an id
 * comes twice.
 *
 * @param isHeard whether anybody in the cluster listens to a group's collection
 */
export async function notifyWrites(
  kuzzle: KuzzleServices,
  groups: readonly WriteGroup[],
  successes: readonly DoneWrite[],
  isHeard: (group: WriteGroup) => boolean,
): Promise<void> {
  const fieldsOf = _.once(() =>
    updatedFieldsIn(groups.flatMap((each) => each.documents)),
  );
  const groupOf = new Map(groups.map((group) => [kindName(group), group]));
  for (const together of inOrder(successes)) {
    const { op, collection, done } = together;
    const group = groupOf.get(kindName(together)) as WriteGroup;
    if (!isHeard(group)) {
      // where nobody listens, Kuzzle's notifier would do no more than this
      const ids = done.map(({ _id }) => _id);
      await kuzzle.forgetMatches(group.index, collection, ids);
      continue;
    }
    const notices = done.map((each) => noticeOf(each, () => fieldsOf()(each)));
    await kuzzle.notify(group.nativeRequest(), op, notices);
  }
}

interface NotifiedTogether extends Pick<DoneWrite, "op" | "collection"> {
  readonly done: DoneWrite[];
}

/** Successive operations of one kind on one document go together, others do not. */
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
