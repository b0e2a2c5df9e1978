import { releaseAll } from "../../scripts/stack/resources";

/** Runs a program that starts processes; none of them outlives it, however it ends. */
export function runProgram(main: () => Promise<void>): void {
  void main()
    .catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    })
    .finally(async () => {
      await releaseAll();
      process.exit();
    });
}
