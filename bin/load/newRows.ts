import type { IdSet } from "../input/IdSet";
import type { Fingerprint } from "../input/Fingerprint";
import { pathOfObjects } from "../input/lookalike";
import { InputError } from "../input/rawRow";
import type { RowReader } from "../input/RowReader";
import { membersOf, rejected, type RejectedRow, type Row } from "../input/rows";
import { UsageError } from "../usage";
import type { Position } from "./Checkpoint";

/**
 * This many rows without an envelope, and none with one, mean that --bare was
 * forgotten.
 */
const BARE_ROWS = 20;

/**
 * The rows of an input that are still to be processed. A repeated id is a duplicate
 * even if its first occurrence is in a part that an earlier run has processed.
 *
 * @param from where an earlier run ended
 * @throws UsageError if the input is not the one that the earlier run read
 * @throws InputError if no row has a body, as if an option were missing
 */
export async function* newRows(
  reader: RowReader,
  ids: IdSet,
  fingerprint: Fingerprint,
  from: Position,
): AsyncGenerator<Row[]> {
  const check = from.rows === 0 ? new EnvelopeCheck() : undefined;
  let isBehind = from.offset > 0;
  let [offset, digest] = [0, ""];
  for await (const batch of reader.batches()) {
    let rows = batch.map((row) => withoutDuplicate(row, ids));
    if (isBehind) {
      const past = rows.findIndex(({ end }) => end > from.offset);
      isBehind = past === -1;
      const known = isBehind ? rows : rows.slice(0, past);
      rows = isBehind ? [] : rows.slice(past);
      offset = known.at(-1)?.end ?? offset;
      digest = fingerprint.digestUpTo(offset);
      if (!isBehind) assertSame(from, offset, digest);
    }
    check?.see(rows);
    yield rows;
  }
  if (isBehind) assertSame(from, offset, digest);
  check?.end();
}

function assertSame(from: Position, offset: number, digest: string): void {
  if (from.offset === offset && from.digest === digest) return;
  throw new UsageError(
    `The input is not that of the checkpoint: its first ${from.rows} rows differ.`,
  );
}

/** Detects that the rows are plain documents, before any is rejected for it. */
class EnvelopeCheck {
  private bare: RejectedRow[] = [];
  private isDone = false;

  see(rows: readonly Row[]): void {
    for (const row of rows) {
      if (this.isDone) return;
      if (row.kind === "document") this.isDone = true;
      else if (row.isBare) this.bare.push(row);
      if (this.bare.length === BARE_ROWS) this.end();
    }
  }

  end(): void {
    const [first] = this.bare;
    if (this.isDone || first === undefined) return;
    const path = this.bare.length === 1 ? pathIn(first) : undefined;
    throw new InputError(
      `Neither line ${first.line} nor any other so far is { "_id", "body" }. ` +
        "Use --bare if the rows are the documents themselves, or --id-field NAME if one of their fields is the id" +
        (path === undefined
          ? ". Nothing was sent."
          : `, or --path ${path} if the documents are in that array. Nothing was sent.`),
    );
  }
}

/** A single row may be a response that contains documents. */
function pathIn({ members }: RejectedRow): string | undefined {
  const { raw } = JSON.parse(`{${members}}`) as { raw?: unknown };
  return typeof raw === "string" ? pathOfObjects(raw) : undefined;
}

function withoutDuplicate(row: Row, ids: IdSet): Row {
  if (row.kind === "rejected" || row.isIdNew) return row;
  const first = ids.firstLine(row.id, row.line);
  if (first === undefined) return row;
  const reason = `The _id ${JSON.stringify(row.id)} is that of line ${first}.`;
  return rejected(
    { ...row, start: 0, bytes: row.wire },
    "duplicate",
    reason,
    membersOf(row.wire),
    row.id,
  );
}
