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

/** Elasticsearch 8, Elastic's own build out of SonarQube's archive. */
export async function startElasticsearch8(
  options: ElasticsearchOptions,
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
    "xpack.security.enabled: false",
    "network.host: 127.0.0.1",
    `http.port: ${http}`,
    `transport.port: ${transport}`,
    `path.data: ${path.join(folder, "data")}`,
    `path.logs: ${path.join(folder, "logs")}`,
    "cluster.routing.allocation.disk.threshold_enabled: false",
  ]);

  const [command, ...args] = launchCommand(options.java, home, folder);
  const service = startService({
    name: "Elasticsearch 8",
    command: command!,
    args,
    cwd: home,
    env: {
      ...process.env,
      ES_HOME: home,
      ES_PATH_CONF: path.join(folder, "config"),
      ES_TMPDIR: path.join(folder, "tmp"),
      ES_JAVA_OPTS: "-Xms1g -Xmx1g",
      ES_JAVA_HOME: "",
    },
    logFile: logFile("elasticsearch"),
  });
  const url = `http://127.0.0.1:${http}`;
  await whenHealthy(service, url, clusterName);
  return { service, url };
}

/** What its own start script, bin/elasticsearch, runs in the end. */
function launchCommand(java: string, home: string, folder: string): string[] {
  return [
    ...withoutRoot(home, folder),
    ...[java, "-Xms4m", "-Xmx64m", "-XX:+UseSerialGC"],
    "-Dcli.name=server",
    `-Dcli.script=${path.join(home, "bin/elasticsearch")}`,
    "-Dcli.libs=lib/tools/server-cli",
    `-Des.path.home=${home}`,
    `-Des.path.conf=${path.join(folder, "config")}`,
    "-Des.distribution.type=tar",
    "-cp",
    `${path.join(home, "lib/*")}:${path.join(home, "lib/cli-launcher/*")}`,
    "org.elasticsearch.launcher.CliToolLauncher",
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
