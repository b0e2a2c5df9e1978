/** The commands and their options, as declared to commander. */
import { type Command, Option } from "commander";

import type { LoadCommand } from "./commands/load";
import { EXPORT_FORMATS } from "./export/writers";
import { CELL_TYPES } from "./input/cells";
import { FORMATS } from "./input/format";
import {
  columnTypes,
  delimiter,
  fieldList,
  milliseconds,
  wholeNumber,
  withConnection,
} from "./options";
import { LANGUAGES, sortOrder } from "./search/query";

export function loadCommand(program: Command, name: LoadCommand): Command {
  const command = program
    .command(name)
    .description(
      name === "import"
        ? "Writes documents, replacing existing ones (batch:mWrite)."
        : "Changes fields of existing documents (batch:mUpdate).",
    )
    .argument("<index>")
    .argument("<collection>")
    .argument(
      "[file...]",
      "NDJSON, a JSON array or CSV, optionally compressed; - is standard input",
      ["-"],
    )
    .addOption(
      new Option("--format <format>", "format of the input")
        .choices(FORMATS)
        .default("auto"),
    )
    .option(
      "--bare",
      'the rows are the documents themselves, not { "_id", "body" }',
      false,
    )
    .option(
      "--path <key>",
      "key of the array in a JSON object, such as features or result.documents",
    )
    .option("--id-field <name>", "field that contains the id; implies --bare")
    .option(
      "--delimiter <character>",
      "CSV delimiter, or tab (default: comma)",
      delimiter,
    )
    .option(
      "--types <column:type,...>",
      `types of CSV columns: ${CELL_TYPES.join(", ")}`,
      columnTypes,
    )
    .option(
      "--nested",
      "CSV columns with dots in their names are fields of objects",
      false,
    )
    .option(
      "--checkpoint <file>",
      "file to save the progress in and resume from",
    )
    .option(
      "--rejects <file>",
      "file for rejected rows, which you can repair and import",
    )
    .option(
      "--dry-run",
      "read and validate everything, show the first documents, send nothing",
      false,
    )
    .option("--strict", "stop at the first rejected row", false)
    .option(
      "--remember-ids <count>",
      "number of ids to remember for finding duplicates",
      wholeNumber(0, 100_000_000),
      2_000_000,
    )
    .option(
      "--flush-every <duration>",
      "send what has been read if the input pauses for this long: 500ms, 1s",
      milliseconds,
    )
    .option(
      "--rate <documents>",
      "maximum number of documents per second",
      wholeNumber(1, 1_000_000),
    )
    .option(
      "--upsert",
      "merge the fields into the document, or create it (batch:batchWrite)",
      false,
    )
    .option("--allow-empty", "accept an input without rows", false)
    .option(
      "--force",
      "accept an input that looks as if an option is missing",
      false,
    )
    .option("--refresh", "wait until searches find the documents", false);
  if (name === "import") {
    command
      .option(
        "--create",
        "never replace a document: a row whose _id exists is rejected",
        false,
      )
      .option(
        "--mappings <file>",
        "mappings for creating the collection, or to add to it",
      );
  }
  if (name === "update") {
    command
      .option(
        "--retry-on-conflict <times>",
        "number of retries after a version conflict",
        wholeNumber(0, 1_000),
      )
      .option("--silent", "do not notify subscribers", false)
      .option(
        "--unset <field,...>",
        "remove these fields: name,address.city; a row may have only an _id",
        fieldList,
      );
  }
  return withConnection(withRequests(command));
}

function withRequests(command: Command): Command {
  return command
    .option("--json", "print the summary as JSON", false)
    .option(
      "--concurrency <requests>",
      "number of requests in flight",
      wholeNumber(1, 64),
      4,
    )
    .option(
      "--retry-for <seconds>",
      "how long to wait for an unavailable server",
      wholeNumber(0, 86_400),
      60,
    )
    .option(
      "--max-request-bytes <bytes>",
      "maximum size of a request, if lower than the server's limit",
      wholeNumber(20_000, 1_000_000_000),
    )
    .option(
      "--max-request-documents <count>",
      "maximum number of documents per request",
      wholeNumber(1, 10_000),
    );
}

export function exportCommand(program: Command): Command {
  return withConnection(
    withRequests(
      withSearch(
        program
          .command("export")
          .description("Writes the documents of a collection to a file.")
          .argument("<index>")
          .argument("<collection>")
          .argument(
            "[file]",
            ".ndjson, .json, .csv or .tsv file, or with .gz or .zst appended to compress it; - is standard output",
            "-",
          ),
      )
        .option(
          "--sort <field:order,...>",
          "order of the documents: population:desc,name (default: any)",
          sortOrder,
        )
        .option(
          "--fields <field,...>",
          "only these fields (CSV: columns): name,address.city",
          fieldList,
        )
        .addOption(
          new Option(
            "--format <format>",
            "format of the file, if its name does not show it",
          ).choices(EXPORT_FORMATS),
        )
        .option(
          "--delimiter <character>",
          "CSV delimiter, or tab (default: comma)",
          delimiter,
        )
        .option(
          "--mappings <file>",
          "file for the collection's mappings, for import --mappings",
        )
        .option(
          "--checkpoint <file>",
          "file to save the progress in and resume from",
        )
        .option("--fail-on-empty", "exit code 1 if nothing is found", false),
    ),
  );
}

export function deleteCommand(program: Command): Command {
  return withConnection(
    withRequests(
      withSearch(
        program
          .command("delete")
          .description("Deletes documents by their ids, or by a query.")
          .argument("<index>")
          .argument("<collection>")
          .argument("[file]", "file with one id per line; - is standard input"),
      )
        .option("--dry-run", "count the documents, delete nothing", false)
        .option("--yes", "do not ask for confirmation", false)
        .option("--silent", "do not notify subscribers", false)
        .option("--refresh", "wait until searches show the changes", false)
        .option("--fail-on-empty", "exit code 1 if nothing is found", false),
    ),
  );
}

function withSearch(command: Command): Command {
  return command
    .option(
      "--query <file|json>",
      "query that selects documents, or a file with it (default: all)",
    )
    .addOption(
      new Option("--lang <language>", "language of the query")
        .choices(LANGUAGES)
        .default("elasticsearch"),
    );
}

export function getCommand(program: Command): Command {
  return withConnection(
    withRequests(
      program
        .command("get")
        .description("Gets documents by their ids (batch:batchGet).")
        .argument("<index>")
        .argument(
          "[collection]",
          "collection of the documents (default: the whole index)",
        )
        .option(
          "--ids <file>",
          "file with one id per line; - is standard input",
          "-",
        )
        .option(
          "--found <file>",
          "file for the documents, as NDJSON; - is standard output",
          "-",
        )
        .option("--not-found <file>", "file for the ids that do not exist")
        .option(
          "--errors <file>",
          "file for the ids that could not be read, with reasons, as NDJSON",
        )
        .option("--source <fields>", "true, false, or a list: name,address.*")
        .option("--source-excludes <fields>", "fields to leave out"),
    ),
  );
}

export function metricsCommand(program: Command): Command {
  return withConnection(
    program
      .command("metrics")
      .description("Shows what a node is doing (batch:metrics).")
      .option(
        "--interval <seconds>",
        "time between two updates",
        wholeNumber(1, 3_600),
        2,
      )
      .option(
        "--once",
        "print the totals since the node started, and exit",
        false,
      ),
  );
}
