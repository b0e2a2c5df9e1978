import { rmSync } from "node:fs";
import path from "node:path";

import { ROOT } from "../stack/paths";
import { runToEnd } from "../stack/process";
import { timed, toTerminal as log } from "../stack/progress";

/** Compiles the published code into `dist`. */
export async function build(): Promise<void> {
  await timed(log, "Building (tsc)", async () => {
    // the output of a file that was renamed would be found before the new one
    rmSync(path.join(ROOT, "dist"), { recursive: true, force: true });
    const code = await runToEnd(
      process.execPath,
      ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"],
      { cwd: ROOT },
    );
    if (code !== 0) throw new Error("The build failed.");
  });
}
