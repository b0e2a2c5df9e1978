import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { logFile } from "../paths";
import { freePortWithin } from "../ports";
import { ready, startService } from "../process";
import {
  type ElasticsearchOptions,
  nameOfCluster,
  type RunningElasticsearch,
  START_MS,
  whenHealthy,
} from "./elasticsearch";

/** The cluster runner refuses a port above this one, with no option to say otherwise. */
const HIGHEST_PORT = 9299;
const LOWEST_PORT = 9201;

const MAIN = "org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner";

const CONFIG = `
discovery.type: single-node
network.host: 127.0.0.1
transport.port: 0
# A disk that is nearly full would make every index read-only.
cluster.routing.allocation.disk.threshold_enabled: false
`;

/** Elasticsearch 7.10.2, made of the jars in `home`. */
export async function startElasticsearch7(
  options: ElasticsearchOptions,
): Promise<RunningElasticsearch> {
  const { java, home } = options;
  const folder = path.join(options.data, "elasticsearch");
  const config = path.join(folder, "config");
  mkdirSync(config, { recursive: true });
  writeFileSync(path.join(config, "elasticsearch.yml"), CONFIG);

  const clusterName = nameOfCluster();
  const wished = await freePortWithin(LOWEST_PORT, HIGHEST_PORT);
  const service = startService({
    name: "Elasticsearch 7",
    command: java,
    args: [
      ...["-Xms1g", "-Xmx1g", "-cp", path.join(home, "*"), MAIN],
      ...["-basePath", folder, "-confPath", config],
      ...["-dataPath", path.join(folder, "data")],
      ...["-logsPath", path.join(folder, "logs")],
      ...["-clusterName", clusterName, "-numOfNode", "1"],
      ...["-baseHttpPort", String(wished - 1)], // it adds the node's number
    ],
    logFile: logFile("elasticsearch"),
  });
  // Should somebody have been faster, it took the next port and says so.
  const port = await ready(
    service,
    async () => /^HTTP Port:\s+(\d+)/m.exec(service.output())?.[1],
    START_MS,
  );
  const url = `http://127.0.0.1:${port}`;
  await whenHealthy(service, url, clusterName);
  return { service, url };
}
