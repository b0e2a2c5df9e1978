import {
  Argument,
  Command,
  CommanderError,
  Help,
  type Option,
} from "commander";

import { type DeleteFlags, runDelete } from "./commands/delete";
import { type ExportFlags, runExport } from "./commands/export";
import { type GetFlags, runGet } from "./commands/get";
import { type LoadFlags, runLoads } from "./commands/load";
import { type MetricsFlags, runMetrics } from "./commands/metrics";
import {
  deleteCommand,
  exportCommand,
  getCommand,
  loadCommand,
  metricsCommand,
} from "./commandLine";
import type { ConnectionFlags } from "./options";
import { Terminal } from "./output/Terminal";
import { EXIT, type ExitCode, UsageError } from "./usage";
import { completionScript, type Shell, SHELLS } from "./completion";
import { applyConfigFile } from "./configFile";
import { explain } from "./explain";

/**
 * Parses the command line, runs the command, and returns the exit code.
 *
 * @param signal aborted by the first Ctrl-C: what is in flight is finished
 */
export async function main(
  argv: readonly string[],
  signal: AbortSignal,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  const run = async (
    flags: ConnectionFlags & { readonly checkpoint?: string | false },
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
      "Imports, exports, updates, gets and deletes documents in a Kuzzle with kuzzle-plugin-batch.",
    )
    .version(version(), "--version")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(hideValues(text)) })
    .configureHelp({ optionDescription: describeOption })
    .showHelpAfterError("(see --help)");

  for (const name of ["import", "update"] as const) {
    loadCommand(program, name).action(
      (
        index: string,
        collection: string,
        inputs: readonly string[],
        flags: LoadFlags,
      ) =>
        run(flags, (terminal) =>
          runLoads(name, [index, collection, inputs], flags, terminal, signal),
        ),
    );
  }
  exportCommand(program).action(
    (index: string, collection: string, output: string, flags: ExportFlags) =>
      run(flags, (terminal) =>
        runExport([index, collection, output], flags, terminal, signal),
      ),
  );
  deleteCommand(program).action(
    (
      index: string,
      collection: string,
      input: string | undefined,
      flags: DeleteFlags,
    ) =>
      run(withoutCheckpoint(flags), (terminal) =>
        runDelete([index, collection, input], flags, terminal, signal),
      ),
  );
  getCommand(program).action(
    (index: string, collection: string | undefined, flags: GetFlags) =>
      run(withoutCheckpoint(flags), (terminal) =>
        runGet([index, collection], flags, terminal, signal),
      ),
  );
  metricsCommand(program).action((flags: MetricsFlags) =>
    run(withoutCheckpoint(flags), (terminal) =>
      runMetrics(flags, terminal, process.stdout, signal),
    ),
  );

  program
    .command("completion")
    .description("Prints a script for shell completion.")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });
  program.hook("preAction", (_, command) => applyConfigFile(command));

  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n`);
      return EXIT.usage;
    }
    if (!(error instanceof CommanderError)) throw error;
    // requested help is not an error
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return code;
}

/** Flags are off by default, which goes without saying. */
function describeOption(option: Option): string {
  return option.defaultValue === false
    ? option.description
    : new Help().optionDescription(option);
}

/** For a command that can be run again without a checkpoint. */
function withoutCheckpoint(flags: ConnectionFlags) {
  return { ...flags, checkpoint: false } as const;
}

/** A secret after a misspelled option is not repeated. */
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
