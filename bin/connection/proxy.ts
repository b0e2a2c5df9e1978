import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";

import { UsageError } from "../usage";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a server according to `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in
 * upper or lower case; undefined for a direct connection, as to a server on this
 * machine.
 *
 * @throws UsageError for a proxy that is not an http URL
 */
export function proxyFor(
  { host, ssl }: { readonly host: string; readonly ssl: boolean },
  environment: Environment = process.env,
): URL | undefined {
  const valueOf = (name: string) =>
    environment[name] || environment[name.toLowerCase()];
  const name = ssl ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = valueOf(name);
  const isLocal = /^(localhost|127\..*|::1)$/.test(host);
  if (!value || isLocal || isExcepted(host, valueOf("NO_PROXY") ?? "")) {
    return undefined;
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === "http:") return url;
  throw new UsageError(`${name} must be a URL such as http://proxy:3128.`);
}

/** `example.com,.local,*`: names, and suffixes of names. */
function isExcepted(host: string, list: string): boolean {
  return list
    .split(",")
    .map((each) => each.trim().replace(/^\*?\./, ""))
    .some(
      (each) =>
        each === "*" ||
        (each !== "" && (host === each || host.endsWith(`.${each}`))),
    );
}

/**
 * Opens a tunnel through a proxy to each server; the proxy sees only the server's name.
 */
export class TunnelAgent extends https.Agent {
  constructor(private readonly proxy: URL) {
    super({ keepAlive: true });
  }

  override createConnection(
    { host, port }: https.RequestOptions,
    created?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const done = created as (error: Error | null, socket?: Duplex) => void;
    const target = `${host}:${port}`;
    const request = http.request({
      ...{ host: this.proxy.hostname, port: this.proxy.port || 80 },
      ...{ method: "CONNECT", path: target, agent: false },
      headers: { host: target, ...proxyHeaders(this.proxy) },
    });
    request.once("error", done);
    request.once("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) {
        done(
          null,
          tls.connect({ socket, host: String(host), ...nameOf(String(host)) }),
        );
      } else {
        socket.destroy();
        done(new Error(`the proxy answered ${statusCode}`));
      }
    });
    request.end();
  }
}

/** TLS does not accept an address as a name. */
function nameOf(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

export function proxyHeaders({ username, password }: URL): object {
  if (username === "") return {};
  const login = [username, password].map(decodeURIComponent).join(":");
  const basic = Buffer.from(login).toString("base64");
  return { "proxy-authorization": `Basic ${basic}` };
}
