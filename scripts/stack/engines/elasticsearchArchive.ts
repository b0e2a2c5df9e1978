import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { logFile } from "../paths";
import { freePort } from "../ports";
import { startService } from "../process";
import type { NodeOptions, RunningElasticsearch } from "./elasticsearch";
import { withoutRoot } from "./withoutRoot";

/** Elastic's own build of Elasticsearch 7.17, from SonarQube's archive. */
export function launchNode717(
  options: NodeOptions,
): Promise<RunningElasticsearch> {
  return launch(options, bootstrap, []);
}

/** Elastic's own build of Elasticsearch 8, from SonarQube's archive. */
export function launchNode8(
  options: NodeOptions,
): Promise<RunningElasticsearch> {
  return launch(options, launcher, ["xpack.security.enabled: false"]);
}

/** Java's arguments for the program in `home` with the configuration in `folder`. */
type Program = (home: string, folder: string, heap: string) => string[];

async function launch(
  options: NodeOptions,
  program: Program,
  settings: readonly string[],
): Promise<RunningElasticsearch> {
  const { name, heap, clusterName } = options;
  const home = path.join(
    options.home,
    ...readdirSync(options.home).slice(0, 1),
    "elasticsearch",
  );
  const folder = path.join(options.data, name);
  const port = await freePort();
  configure(home, folder, [
    ...options.config,
    `cluster.name: ${clusterName}`,
    "network.host: 127.0.0.1",
    `http.port: ${port}`,
    `path.data: ${path.join(folder, "data")}`,
    `path.logs: ${path.join(folder, "logs")}`,
    "cluster.routing.allocation.disk.threshold_enabled: false",
    ...settings,
  ]);

  const [command, ...args] = [
    ...withoutRoot(home, folder),
    options.java,
    ...program(home, folder, heap),
  ];
  const service = startService({
    name: "Elasticsearch",
    command: command!,
    args,
    cwd: home,
    env: {
      ...process.env,
      ES_HOME: home,
      ES_PATH_CONF: path.join(folder, "config"),
      ES_TMPDIR: path.join(folder, "tmp"),
      LIBFFI_TMPDIR: path.join(folder, "tmp"),
      ES_JAVA_OPTS: argumentsOf(heap).join(" "),
      ES_JAVA_HOME: "",
    },
    logFile: logFile(options.log ?? name),
  });
  return { service, url: `http://127.0.0.1:${port}` };
}

function argumentsOf(heap: string): string[] {
  return [`-Xms${heap}`, `-Xmx${heap}`];
}

/** What bin/elasticsearch, the start script of version 7, finally runs. */
function bootstrap(home: string, folder: string, heap: string): string[] {
  return [
    ...argumentsOf(heap),
    `-Djava.io.tmpdir=${path.join(folder, "tmp")}`,
    "-Djava.locale.providers=SPI,COMPAT",
    "-Dlog4j2.disable.jmx=true",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    ...places(home, folder),
    "-Des.distribution.flavor=default",
    "-Des.bundled_jdk=false",
    ...["-cp", path.join(home, "lib/*")],
    "org.elasticsearch.bootstrap.Elasticsearch",
  ];
}

/** What the start script of version 8 finally runs. */
function launcher(home: string, folder: string): string[] {
  return [
    ...["-Xms4m", "-Xmx64m", "-XX:+UseSerialGC"],
    "-Dcli.name=server",
    `-Dcli.script=${path.join(home, "bin/elasticsearch")}`,
    "-Dcli.libs=lib/tools/server-cli",
    ...places(home, folder),
    "-cp",
    `${path.join(home, "lib/*")}:${path.join(home, "lib/cli-launcher/*")}`,
    "org.elasticsearch.launcher.CliToolLauncher",
  ];
}

function places(home: string, folder: string): string[] {
  return [
    `-Des.path.home=${home}`,
    `-Des.path.conf=${path.join(folder, "config")}`,
    "-Des.distribution.type=tar",
  ];
}

function configure(home: string, folder: string, lines: string[]): void {
  for (const name of ["", "config", "data", "logs", "tmp"]) {
    mkdirSync(path.join(folder, name), { recursive: true });
  }
  const config = path.join(folder, "config");
  cpSync(path.join(home, "config"), config, { recursive: true });
  writeFileSync(
    path.join(config, "elasticsearch.yml"),
    `${lines.join("\n")}\n`,
  );
  dropGcLog(path.join(config, "jvm.options"));
}

/** Its default path is in the program's folder, which is read-only. */
function dropGcLog(file: string): void {
  const lines = readFileSync(file, "utf8").split("\n");
  writeFileSync(
    file,
    lines.filter((line) => !line.includes("-Xlog:gc")).join("\n"),
  );
}
