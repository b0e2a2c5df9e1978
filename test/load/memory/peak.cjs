/** Preloaded: writes the peak memory of the process to a file, in kilobytes. */
"use strict";

const { writeFileSync } = require("node:fs");

process.on("exit", () => {
  const { maxRSS } = process.resourceUsage();
  writeFileSync(process.env.PEAK_FILE, String(maxRSS));
});
