import { Command, CommanderError, Option } from "commander";

import { type GetFlags, runGet } from "./commands/get";
import { type LoadCommand, type LoadFlags, runLoad } from "./commands/load";
import { type MetricsFlags, runMetrics } from "./commands/metrics";
import { FORMATS } from "./input/format";
import {
  columnTypes,
  type ConnectionFlags,
  delimiter,
  wholeNumber,
  withConnection,
} from "./options";
import { Terminal } from "./output/Terminal";
import { EXIT, type ExitCode } from "./usage";
import { explain } from "./explain";

/**
 * Reads the command line, runs what it asks for, and answers the exit code.
 *
 * @param signal the first Ctrl-C: what is under way is ended in order
 */
export async function main(
  argv: readonly string[],
  signal: AbortSignal,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const run = async (
    flags: ConnectionFlags,
    work: (terminal: Terminal) => Promise<ExitCode>,
  ) => {
    const terminal = new Terminal(process.stderr);
    try {
      code = await work(terminal);
    } catch (error) {
      const { message, exitCode } = explain(error, flags);
      if (message !== "") terminal.line(message);
      code = exitCode;
    }
  };

  const program = new Command("kuzzle-batch")
    .description(
      "Loads, updates and gets many documents of a Kuzzle that has kuzzle-plugin-batch.",
    )
    .version(version(), "--version")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(hideValues(text)) })
    .showHelpAfterError("(--help tells what there is)");

  for (const name of ["import", "update"] as const) {
    loadCommand(program, name).action(
      (index: string, collection: string, input: string, flags: LoadFlags) =>
        run(flags, (terminal) =>
          runLoad(name, [index, collection, input], flags, terminal, signal),
        ),
    );
  }
  getCommand(program).action(
    (index: string, collection: string | undefined, flags: GetFlags) =>
      run(flags, (terminal) =>
        runGet([index, collection], flags, terminal, signal),
      ),
  );
  metricsCommand(program).action((flags: MetricsFlags) =>
    run(flags, (terminal) =>
      runMetrics(flags, terminal, process.stdout, signal),
    ),
  );

  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // help that was asked for is no mistake
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return code;
}

function loadCommand(program: Command, name: LoadCommand): Command {
  const command = program
    .command(name)
    .description(
      name === "import"
        ? "Writes documents, replacing those that are there (batch:mWrite)."
        : "Changes fields of documents that are there (batch:mUpdate).",
    )
    .argument("<index>")
    .argument("<collection>")
    .argument(
      "[file]",
      "NDJSON, a JSON array or CSV, gzip or not; - is standard input",
      "-",
    )
    .addOption(
      new Option("--format <format>", "of the file")
        .choices(FORMATS)
        .default("auto"),
    )
    .option("--bare", 'rows are documents, not { "_id", "body" }', false)
    .option("--id-field <name>", "the field that is the id; implies --bare")
    .option(
      "--delimiter <character>",
      "of CSV, or: tab (default: a comma)",
      delimiter,
    )
    .option(
      "--types <column:type,...>",
      "of CSV columns: number, boolean, json",
      columnTypes,
    )
    .option(
      "--checkpoint <file>",
      "keeps how far it has come, to go on from there",
    )
    .option(
      "--rejects <file>",
      "gets every row that is not written, to be fed in again",
    )
    .option("--dry-run", "read and check everything, send nothing", false)
    .option("--strict", "stop at the first row that is rejected", false)
    .option(
      "--remember-ids <count>",
      "how many ids are compared to find duplicates",
      wholeNumber(0, 100_000_000),
      2_000_000,
    )
    .option("--refresh", "wait until searches see the documents", false);
  if (name === "update") {
    command
      .option(
        "--retry-on-conflict <times>",
        "how often a conflict is tried again",
        wholeNumber(0, 1_000),
      )
      .option("--silent", "do not notify subscribers", false);
  }
  return withConnection(withRequests(command));
}

function withRequests(command: Command): Command {
  return command
    .option(
      "--concurrency <requests>",
      "how many are under way at once",
      wholeNumber(1, 64),
      4,
    )
    .option(
      "--retry-for <seconds>",
      "how long to wait for a server that is gone",
      wholeNumber(0, 86_400),
      60,
    )
    .option(
      "--max-request-bytes <bytes>",
      "smaller requests than the server takes",
      wholeNumber(20_000, 1_000_000_000),
    )
    .option(
      "--max-request-documents <count>",
      "fewer documents in a request",
      wholeNumber(1, 10_000),
    );
}

function getCommand(program: Command): Command {
  return withConnection(
    withRequests(
      program
        .command("get")
        .description("Gets documents by their ids (batch:batchGet).")
        .argument("<index>")
        .argument(
          "[collection]",
          "where they are (default: looked up in the whole index)",
        )
        .option("--ids <file>", "one id in a line; - is standard input", "-")
        .option(
          "--found <file>",
          "gets the documents, as NDJSON; - is standard output",
          "-",
        )
        .option("--not-found <file>", "gets the ids that are nowhere")
        .option(
          "--errors <file>",
          "gets the ids that could not be read, and why, as NDJSON",
        )
        .option("--source <fields>", "true, false, or a list: name,address.*")
        .option("--source-excludes <fields>", "fields to leave out"),
    ),
  );
}

function metricsCommand(program: Command): Command {
  return withConnection(
    program
      .command("metrics")
      .description("Shows what a node is doing (batch:metrics).")
      .option(
        "--interval <seconds>",
        "between two looks",
        wholeNumber(1, 3_600),
        2,
      )
      .option("--once", "totals since the node started, then end", false),
  );
}

/** A secret behind a misspelt option is not repeated. */
function hideValues(text: string): string {
  return text.replace(/(--?[\w-]+=)[^'\s]*/g, "$1…");
}

function version(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { version } = require("kuzzle-plugin-batch/package.json") as {
    version: string;
  };
  return version;
}
