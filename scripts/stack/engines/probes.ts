import net from "node:net";

import type { RedisAddress } from "./types";

const TIMEOUT_MS = 5000;

export interface ElasticsearchInfo {
  readonly clusterName: string;
  readonly version: string;
}

/** Asks Elasticsearch for its name and version. */
export async function elasticsearchInfo(
  url: string,
): Promise<ElasticsearchInfo> {
  const info = (await elasticsearch(url, "GET", "/")) as {
    cluster_name: string;
    version: { number: string };
  };
  return { clusterName: info.cluster_name, version: info.version.number };
}

/**
 * Whether the cluster accepts writes: yellow is enough, because a single node has no
 * replicas.
 */
export async function elasticsearchHealthy(url: string): Promise<boolean> {
  const health = (await elasticsearch(
    url,
    "GET",
    "/_cluster/health?wait_for_status=yellow&timeout=2s",
  )) as { status: string; timed_out: boolean };
  return !health.timed_out && health.status !== "red";
}

/** The boxes (`node.attr.box`) of the nodes in this node's cluster. */
export async function elasticsearchNodes(url: string): Promise<string[]> {
  const rows = (await elasticsearch(
    url,
    "GET",
    "/_cat/nodeattrs?format=json&h=attr,value",
  )) as { attr: string; value: string }[];
  return rows.filter(({ attr }) => attr === "box").map(({ value }) => value);
}

/** Deletes every index, including Kuzzle's. */
export async function wipeElasticsearch(url: string): Promise<void> {
  const indices = (await elasticsearch(
    url,
    "GET",
    "/_cat/indices?format=json&h=index&expand_wildcards=open,closed",
  )) as { index: string }[];
  for (const { index } of indices) {
    await elasticsearch(url, "DELETE", `/${encodeURIComponent(index)}`);
  }
}

export async function redisAnswers(address: RedisAddress): Promise<boolean> {
  const answer = await redis(address, "PING").catch(() => "");
  return answer.startsWith("+PONG");
}

/** Deletes every key of every database. */
export async function wipeRedis(address: RedisAddress): Promise<void> {
  await redis(address, "FLUSHALL");
}

async function elasticsearch(
  base: string,
  method: string,
  path: string,
): Promise<unknown> {
  const url = new URL(base);
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const headers =
    login === ":"
      ? undefined
      : { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  url.username = url.password = "";

  const response = await fetch(`${url.href.replace(/\/$/, "")}${path}`, {
    method,
    ...(headers && { headers }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

/** Sends one command, and returns the first line of the answer. */
function redis(address: RedisAddress, command: string): Promise<string> {
  const { host, port, username, password } = address;
  const login = [username, password].filter((word) => word !== undefined);
  const commands = [
    ...(login.length > 0 ? [encode(["AUTH", ...login])] : []),
    encode([command]),
  ];
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    let text = "";
    socket.setTimeout(TIMEOUT_MS, () =>
      socket.destroy(new Error(`Redis did not answer ${command}`)),
    );
    socket.once("error", reject);
    socket.once("connect", () => socket.write(commands.join("")));
    socket.on("data", (chunk) => {
      text += chunk.toString();
      const answers = text.split("\r\n").slice(0, -1);
      if (answers.length < commands.length) return;
      socket.destroy();
      resolve(answers.at(-1) ?? "");
    });
  });
}

/** Redis's own protocol, so that passwords may contain any character. */
function encode(words: readonly string[]): string {
  const parts = words.map(
    (word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`,
  );
  return `*${words.length}\r\n${parts.join("")}`;
}
