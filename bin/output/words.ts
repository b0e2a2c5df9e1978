const ENGLISH = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 171,075 */
export function number(value: number): string {
  return ENGLISH.format(value);
}

/** "8.5 s", "3 min 20 s", "1 h 5 min" */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * Explains what to do after a run ended early.
 *
 * @param checkpoint `false` for a command without one, which can simply be run again
 */
export function goOn(checkpoint: string | undefined | false): string {
  if (checkpoint === false) {
    return "What was done so far stays done: run the same command again.";
  }
  return checkpoint === undefined
    ? "What was done so far stays done. (With --checkpoint FILE, a run can be resumed.)"
    : "Run the same command to resume.";
}
