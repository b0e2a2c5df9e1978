import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { logFile } from "../paths";
import { freePortWithin } from "../ports";
import { ready, type Service, startService } from "../process";
import {
  type NodeOptions,
  type RunningElasticsearch,
  START_MS,
} from "./elasticsearch";

/** The cluster runner rejects ports above this one, and has no option to change that. */
const HIGHEST_PORT = 9299;
const LOWEST_PORT = 9201;

const MAIN = "org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner";

/** Elasticsearch 7.10.2 from the jars in `home`. The runner names it "Node 1". */
export async function launchNode7(
  options: NodeOptions,
): Promise<RunningElasticsearch> {
  const { java, home, heap, name, clusterName } = options;
  const folder = path.join(options.data, name);
  const config = path.join(folder, "config");
  mkdirSync(config, { recursive: true });
  writeFileSync(
    path.join(config, "elasticsearch.yml"),
    [
      ...options.config,
      "network.host: 127.0.0.1",
      "# A disk that is nearly full would make every index read-only.",
      "cluster.routing.allocation.disk.threshold_enabled: false\n",
    ].join("\n"),
  );
  const wished = await freePortWithin(LOWEST_PORT, HIGHEST_PORT);
  const service = startService({
    name: "Elasticsearch 7",
    command: java,
    args: [
      ...[`-Xms${heap}`, `-Xmx${heap}`, "-cp", path.join(home, "*"), MAIN],
      ...["-basePath", folder, "-confPath", config],
      ...["-dataPath", path.join(folder, "data")],
      ...["-logsPath", path.join(folder, "logs")],
      ...["-clusterName", clusterName, "-numOfNode", "1"],
      ...["-baseHttpPort", String(wished - 1)], // the runner adds the node's number
    ],
    logFile: logFile(options.log ?? name),
  });
  return { service, url: await urlOf(service) };
}

/** If another process took the port, it uses the next one and logs that. */
async function urlOf(service: Service): Promise<string> {
  const port = await ready(
    service,
    async () => [...service.output().matchAll(PORT)].at(-1)?.[1],
    START_MS,
  );
  return `http://127.0.0.1:${port}`;
}

const PORT = /^HTTP Port:\s+(\d+)/gm;
