import { membersOf } from "../../lib/core/validation/jsonObject";
import type { DocumentWriter, ExportedDocument } from "./DocumentWriter";

/** How many paths without a column are remembered, to be reported. */
const MAX_LEFT_OUT = 20;

/** Kuzzle's own metadata, which nobody misses unless they asked for it. */
const METADATA = "_kuzzle_info";

/**
 * CSV (RFC 4180) with a header: `_id`, then a column for each path. Numbers are written
 * as stored, lists as JSON, null and missing fields as empty cells.
 */
export class CsvWriter implements DocumentWriter {
  readonly leftOut = new Set<string>();
  private readonly places: ReadonlyMap<string, number>;
  /** paths of objects that contain a column */
  private readonly parents = new Set<string>();

  /** @param columns paths of fields, such as `address.city` */
  constructor(
    private readonly columns: readonly string[],
    private readonly delimiter: string,
  ) {
    this.places = new Map(columns.map((path, i) => [path, i]));
    for (const path of columns) {
      const names = path.split(".");
      names.forEach((_, i) => this.parents.add(names.slice(0, i).join(".")));
    }
  }

  begin(): string {
    return this.line(["_id", ...this.columns]);
  }

  document({ id, source }: ExportedDocument): string {
    const cells = Array.from(this.columns, () => "");
    this.fill(cells, source, "");
    return this.line([id, ...cells]);
  }

  end(): string {
    return "";
  }

  private fill(cells: string[], json: string, parent: string): void {
    for (const [name, value] of membersOf(json)) {
      const path = parent === "" ? name : `${parent}.${name}`;
      const place = this.places.get(path);
      if (place !== undefined) cells[place] = cellOf(value);
      else if (value.startsWith("{") && this.parents.has(path)) {
        this.fill(cells, value, path);
      } else if (path !== METADATA && this.leftOut.size < MAX_LEFT_OUT) {
        this.leftOut.add(path);
      }
    }
  }

  private line(cells: readonly string[]): string {
    return `${cells.map((cell) => this.quoted(cell)).join(this.delimiter)}\n`;
  }

  private quoted(cell: string): string {
    const isPlain =
      !/["\r\n]|^\s|\s$/.test(cell) && !cell.includes(this.delimiter);
    return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
  }
}

function cellOf(json: string): string {
  if (json === "null") return "";
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}
