import { BatchError } from "../../errors/BatchError";
import { atLeast, checkOptions } from "../../options";
import type { Clock } from "../../transport/clock";
import { Pool } from "../../transport/Pool";
import type {
  FoundDocument,
  InCollection,
  Operation,
  OperationInputs,
  Source,
  Writer,
  WriterOptions,
  WriterResult,
} from "../../types";
import { targetOf } from "../targets";
import { Round } from "./Round";
import { sendRound, type RoundOptions, type WriterClient } from "./sendRound";

/** @throws {RangeError} for invalid options */
export function openWriter(
  client: WriterClient,
  clock: Clock,
  options: WriterOptions,
): Writer {
  return new CoalescingWriter(client, clock, options);
}

/**
 * Batches of a writer are small: with the usual number in flight, the last of a
 * thousand operations would wait for the others and then be executed alone.
 */
const MAX_IN_FLIGHT = 8;

/**
 * Collects operations in rounds. A round is sent when its time is up or it is full.
 * While the maximum number of rounds is in flight, the next ones keep collecting.
 */
class CoalescingWriter implements Writer {
  private readonly collection: string | undefined;
  private readonly flushIntervalMs: number;
  private readonly batchSize: number;
  private readonly maxPending: number;
  private readonly pool: Pool<Round>;
  /** not sent yet, in sending order */
  private readonly rounds: Round[] = [];
  private readonly unsettled = new Set<Promise<unknown>>();
  private room: Room | undefined;
  private isSending = false;
  private isClosed = false;

  constructor(
    client: WriterClient,
    private readonly clock: Clock,
    { index, flushIntervalMs, batchSize, maxPending, ...rest }: WriterOptions,
  ) {
    const { concurrency } = checkOptions({
      ...rest,
      concurrency: rest.concurrency ?? MAX_IN_FLIGHT,
    });
    this.collection = rest.collection;
    this.flushIntervalMs = atLeast(0, "flushIntervalMs", flushIntervalMs ?? 10);
    this.batchSize = atLeast(1, "batchSize", batchSize ?? 200);
    this.maxPending = atLeast(1, "maxPending", maxPending ?? 2_000);
    // concurrency applies to rounds
    const roundOptions: RoundOptions = {
      index,
      writing: { ...rest, concurrency: 1 },
    };
    this.pool = new Pool(
      concurrency,
      (round) => round.targets,
      (round) => sendRound(client, round, roundOptions),
    );
  }

  create<T extends object = Source>(
    document: OperationInputs<T>["create"],
  ): Promise<WriterResult<T>> {
    return this.operate({ create: document });
  }

  createOrReplace<T extends object = Source>(
    document: OperationInputs<T>["createOrReplace"],
  ): Promise<WriterResult<T>> {
    return this.operate({ createOrReplace: document });
  }

  replace<T extends object = Source>(
    document: OperationInputs<T>["replace"],
  ): Promise<WriterResult<T>> {
    return this.operate({ replace: document });
  }

  write<T extends object = Source>(
    document: OperationInputs<T>["write"],
  ): Promise<WriterResult<T>> {
    return this.operate({ write: document });
  }

  update<T extends object = Source>(
    document: OperationInputs<T>["update"],
  ): Promise<WriterResult<T>> {
    return this.operate({ update: document });
  }

  upsert<T extends object = Source>(
    document: OperationInputs<T>["upsert"],
  ): Promise<WriterResult<T>> {
    return this.operate({ upsert: document });
  }

  delete(document: OperationInputs["delete"]): Promise<WriterResult> {
    return this.operate({ delete: document });
  }

  get<T extends object = Source>(
    document: InCollection & { readonly _id: string },
  ): Promise<FoundDocument<T> | null> {
    const { _id, collection = this.collection } = document;
    return this.collect<FoundDocument<T> | null>((settlers) => {
      if (typeof _id !== "string" || collection === undefined) {
        throw new TypeError("A get needs an _id and a collection");
      }
      const input = { _id, collection };
      const target = this.targetOf({ get: input }) as string;
      const round = this.roundFor(target, (each) => each.takesGet(target));
      round.addGet({ input, target, ...(settlers as Settlers<never>) });
      return round;
    });
  }

  get ready(): Promise<void> {
    return this.room?.promise ?? Promise.resolve();
  }

  async flush(): Promise<void> {
    this.due(this.rounds.at(-1));
    await Promise.allSettled(this.unsettled);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return this.flush();
  }

  private operate<T extends object>(
    operation: object,
  ): Promise<WriterResult<T>> {
    const target = this.targetOf(operation);
    return this.collect<WriterResult<T>>((settlers) => {
      const round = this.roundFor(target, (each) => each.takesWrite(target));
      const input = operation as Operation;
      round.addWrite({ input, target, ...(settlers as Settlers<never>) });
      return round;
    });
  }

  private targetOf(entry: object): string | undefined {
    const { collection } = this;
    return targetOf({ action: "batchWrite", collection }, entry);
  }

  /**
   * @param add puts the operation into a round
   * @returns what the operation settles with
   */
  private async collect<Output>(
    add: (settlers: Settlers<Output>) => Round,
  ): Promise<Output> {
    if (this.isClosed) {
      throw new BatchError("The writer is closed", {
        ...{ id: "batch.client.closed", status: 0, unprocessed: [0] },
      });
    }
    const settled = new Promise<Output>((resolve, reject) => {
      const round = add({ resolve, reject });
      if (round.size >= this.batchSize) this.due(round);
    });
    this.unsettled.add(settled);
    if (this.unsettled.size >= this.maxPending) this.room ??= new Room();
    try {
      return await settled;
    } finally {
      this.unsettled.delete(settled);
      if (this.unsettled.size < this.maxPending) {
        this.room?.open();
        this.room = undefined;
      }
    }
  }

  /**
   * The first round that has room and that comes after all other operations on the
   * document, or that may share the call with the last of them.
   */
  private roundFor(
    target: string | undefined,
    takes: (round: Round) => boolean,
  ): Round {
    const { rounds } = this;
    let first = 0;
    rounds.forEach((each, i) => {
      if (each.has(target)) first = takes(each) ? i : i + 1;
    });
    const round = rounds.find(
      ({ size }, i) => i >= first && size < this.batchSize,
    );
    return round ?? this.newRound();
  }

  private newRound(): Round {
    const round = new Round();
    this.rounds.push(round);
    void this.clock.sleep(this.flushIntervalMs).then(() => this.due(round));
    return round;
  }

  /** A round must wait for those before it, so they are due as well. */
  private due(round: Round | undefined): void {
    const count = this.rounds.findIndex((each) => each === round) + 1;
    this.rounds.slice(0, count).forEach((each) => (each.isDue = true));
    void this.send();
  }

  /** Only one round looks for its place at a time, which keeps the order per document. */
  private async send(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    while (this.rounds[0]?.isDue) {
      await this.pool.submit(this.rounds.shift() as Round);
    }
    this.isSending = false;
  }
}

interface Settlers<Output> {
  resolve(output: Output): void;
  reject(error: unknown): void;
}

/** What a caller awaits when too many operations are pending. */
class Room {
  open!: () => void;
  readonly promise = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}
