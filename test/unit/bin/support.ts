import type { DocumentRow, RejectedRow } from "../../../bin/input/rows";

export function documentRow(row: number, id = `id-${row}`): DocumentRow {
  return {
    ...{ kind: "document", row, line: row, end: row * 10, id, isIdNew: false },
    wire: Buffer.from(JSON.stringify({ _id: id, body: { row } })),
  };
}

export function rejectedRow(row: number, code = "invalid"): RejectedRow {
  return {
    ...{ kind: "rejected", row, line: row, end: row * 10 },
    members: `"raw":"${row}"`,
    reject: { line: row, row, code: code as "invalid", reason: "broken" },
  };
}
