import { ApiError } from "../connection/connection";
import type { ReliableConnection } from "../connection/ReliableConnection";
import { requestInParts } from "../connection/requestInParts";
import type { Place } from "../search/searchIds";

/** What became of some ids. */
export interface DeleteOutcome {
  readonly deleted: number;
  readonly notFound: readonly string[];
  readonly errors: ReadonlyArray<{
    readonly _id: string;
    readonly reason: string;
  }>;
}

interface MDeleteResult {
  readonly successes: readonly string[];
  readonly errors: ReadonlyArray<{
    readonly _id: string;
    readonly reason: string;
    readonly status: number;
  }>;
}

const M_DELETE = {
  controller: "document",
  action: "mDelete",
  http: { method: "DELETE", path: "/:index/:collection/_mDelete" },
} as const;

/** Deletes documents by their ids (`document:mDelete`). */
export class Deleter {
  constructor(
    private readonly reliable: ReliableConnection,
    private readonly place: Place,
    private readonly args: Readonly<Record<string, string>>,
  ) {}

  /**
   * A request that was lost is sent again: what it had deleted is then not found.
   */
  async delete(ids: readonly string[]): Promise<DeleteOutcome> {
    const parts = await requestInParts(
      ids,
      (some) => this.request(some),
      isAboutOneId,
    );
    let deleted = 0;
    const notFound: string[] = [];
    const errors: Array<{ _id: string; reason: string }> = [];
    for (const part of parts) {
      if ("error" in part) {
        errors.push({ _id: part.items[0], reason: part.error.message });
        continue;
      }
      deleted += part.result.successes.length;
      for (const { _id, reason, status } of part.result.errors) {
        if (status === 404) notFound.push(_id);
        else errors.push({ _id, reason });
      }
    }
    return { deleted, notFound, errors };
  }

  private async request(ids: readonly string[]): Promise<MDeleteResult> {
    const { place, args } = this;
    const body = Buffer.from(JSON.stringify({ ids }));
    const call = { ...M_DELETE, ...place, args, body };
    return (await this.reliable.call(call)) as MDeleteResult;
  }
}

function isAboutOneId(error: unknown): error is ApiError {
  return error instanceof ApiError && [400, 413, 500].includes(error.status);
}
