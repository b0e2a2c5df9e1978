import type { ReliableConnection } from "../connection/ReliableConnection";
import { mappingsOf, type Properties } from "../search/mappings";
import { UsageError } from "../usage";
import type { ExportJob } from "./job";

/**
 * The columns of CSV: the requested fields, or those of the mappings.
 *
 * @throws UsageError if neither has any
 * @throws ApiError if the mappings cannot be read
 */
export async function columnsOf(
  { format, fields, place }: Pick<ExportJob, "format" | "fields" | "place">,
  reliable: ReliableConnection,
): Promise<readonly string[]> {
  if (format !== "csv") return [];
  if (fields !== undefined) return fields;
  const { properties = {} } = await mappingsOf(reliable, place);
  const columns = leavesOf(properties, "");
  if (columns.length > 0) return columns;
  throw new UsageError(
    "The collection's mappings have no fields: name the CSV columns with --fields.",
  );
}

function leavesOf(properties: Properties, parent: string): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${parent}${name}`;
    return field.properties === undefined
      ? [path]
      : leavesOf(field.properties, `${path}.`);
  });
}
