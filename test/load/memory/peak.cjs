/** Loaded into a process: writes down the most memory that it has had, in kilobytes. */
"use strict";

const { writeFileSync } = require("node:fs");

process.on("exit", () => {
  const { maxRSS } = process.resourceUsage();
  writeFileSync(process.env.PEAK_FILE, String(maxRSS));
});
