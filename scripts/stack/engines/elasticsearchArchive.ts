import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { logFile } from "../paths";
import { freePorts } from "../ports";
import { startService } from "../process";
import {
  type ElasticsearchOptions,
  nameOfCluster,
  type RunningElasticsearch,
  whenHealthy,
} from "./elasticsearch";
import { withoutRoot } from "./withoutRoot";

/** Elastic's own build of Elasticsearch 7.17, out of SonarQube's archive. */
export function startElasticsearch717(
  options: ElasticsearchOptions,
): Promise<RunningElasticsearch> {
  return start(options, bootstrap, []);
}

/** Elastic's own build of Elasticsearch 8, out of SonarQube's archive. */
export function startElasticsearch8(
  options: ElasticsearchOptions,
): Promise<RunningElasticsearch> {
  return start(options, launcher, ["xpack.security.enabled: false"]);
}

/** Java's arguments for the program in `home` with the configuration in `folder`. */
type Program = (home: string, folder: string) => string[];

async function start(
  options: ElasticsearchOptions,
  program: Program,
  settings: readonly string[],
): Promise<RunningElasticsearch> {
  const home = path.join(
    options.home,
    ...readdirSync(options.home).slice(0, 1),
    "elasticsearch",
  );
  const folder = path.join(options.data, "elasticsearch");
  const clusterName = nameOfCluster();
  const [http, transport] = await freePorts(2);
  configure(home, folder, [
    `cluster.name: ${clusterName}`,
    "discovery.type: single-node",
    "network.host: 127.0.0.1",
    `http.port: ${http}`,
    `transport.port: ${transport}`,
    `path.data: ${path.join(folder, "data")}`,
    `path.logs: ${path.join(folder, "logs")}`,
    "cluster.routing.allocation.disk.threshold_enabled: false",
    ...settings,
  ]);

  const [command, ...args] = [
    ...withoutRoot(home, folder),
    options.java,
    ...program(home, folder),
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
      ES_JAVA_OPTS: HEAP.join(" "),
      ES_JAVA_HOME: "",
    },
    logFile: logFile("elasticsearch"),
  });
  const url = `http://127.0.0.1:${http}`;
  await whenHealthy(service, url, clusterName);
  return { service, url };
}

const HEAP = ["-Xms1g", "-Xmx1g"];

/** What the start script of version 7, bin/elasticsearch, runs in the end. */
function bootstrap(home: string, folder: string): string[] {
  return [
    ...HEAP,
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

/** What the start script of version 8 runs in the end. */
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

/** It would go into the program's folder, which is only read. */
function dropGcLog(file: string): void {
  const lines = readFileSync(file, "utf8").split("\n");
  writeFileSync(
    file,
    lines.filter((line) => !line.includes("-Xlog:gc")).join("\n"),
  );
}
