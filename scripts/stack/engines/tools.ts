import { spawnSync } from "node:child_process";
import path from "node:path";

const OLDEST_JAVA = 11;
const NEWEST_JAVA = 21;

/**
 * Returns the `java` that runs the engines. Throws before anything is downloaded,
 * naming all that is missing and what to install.
 */
export function requireTools(): string {
  const java = process.env.JAVA_HOME
    ? path.join(process.env.JAVA_HOME, "bin", "java")
    : "java";
  const problems = [javaProblem(java), mavenProblem()].filter(
    (problem) => problem !== undefined,
  );
  if (problems.length === 0) return java;
  throw new Error(
    `${problems.join("\n")}\n` +
      `  The embedded engines need Java ${OLDEST_JAVA} to ${NEWEST_JAVA} and Maven:\n` +
      "    Debian, Ubuntu: apt-get install default-jre-headless maven\n" +
      "    macOS:          brew install openjdk@17 maven\n" +
      "  A Docker engine with Compose, or ELASTICSEARCH_URL and REDIS_URL, serve as well.",
  );
}

function javaProblem(java: string): string | undefined {
  const { status, stderr } = spawnSync(java, ["-version"], {
    encoding: "utf8",
  });
  if (status !== 0) return "Java is missing.";
  const version = /version "(?:1\.)?(\d+)/.exec(stderr)?.[1];
  const major = Number(version);
  return major >= OLDEST_JAVA && major <= NEWEST_JAVA
    ? undefined
    : `Java ${version} does not run these engines (JAVA_HOME chooses another one).`;
}

function mavenProblem(): string | undefined {
  const { status } = spawnSync("mvn", ["--version"], { stdio: "ignore" });
  return status === 0 ? undefined : "Maven (mvn) is missing.";
}
