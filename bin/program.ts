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
    // help that was asked for is no mistake
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return code;
}

/** That a flag is off unless it is given needs no saying. */
function describeOption(option: Option): string {
  return option.defaultValue === false
    ? option.description
    : new Help().optionDescription(option);
}

/** Of a command that needs none to be run again. */
function withoutCheckpoint(flags: ConnectionFlags) {
  return { ...flags, checkpoint: false } as const;
}

/** A secret after a misspelt option is not repeated. */
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
