import http from "node:http";
import type { AddressInfo } from "node:net";

import should from "should";

import { HttpConnection } from "../../../../bin/connection/HttpConnection";
import { proxyFor } from "../../../../bin/connection/proxy";
import { UsageError } from "../../../../bin/usage";

const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

describe("a proxy", () => {
  it("is that of the environment, unless the server is excepted", () => {
    const of = (host: string, env: object, ssl = false) =>
      proxyFor({ host, ssl }, env as Record<string, string>)?.href;
    const both = { HTTP_PROXY: "http://p:1", https_proxy: "http://s:2" };
    should(of("example.com", both)).equal("http://p:1/");
    should(of("example.com", both, true)).equal("http://s:2/");
    should(of("localhost", both)).equal(undefined);
    should(of("example.com", {})).equal(undefined);
    for (const NO_PROXY of ["example.com", "a, .com", "*", "*.example.com"]) {
      should(of("example.com", { ...both, NO_PROXY })).equal(undefined);
    }
    should(of("myexample.com", { ...both, NO_PROXY: "example.com" })).equal(
      "http://p:1/",
    );
    should(() => of("a.b", { HTTP_PROXY: "socks5://p" })).throw(UsageError);
  });

  describe("between the command and Kuzzle", () => {
    let proxy: http.Server;
    const seen: object[] = [];

    before((done) => {
      proxy = http.createServer(({ url, headers }, response) => {
        seen.push({ url, host: headers.host });
        seen.push({ login: headers["proxy-authorization"] });
        response.setHeader("content-type", "application/json");
        response.end('{"result":7}');
      });
      proxy.on("connect", ({ url }, socket) => {
        seen.push({ url });
        socket.end("HTTP/1.1 407 No\r\n\r\n");
      });
      proxy.listen(0, "127.0.0.1", done);
    });
    beforeEach(() => {
      seen.length = 0;
      const { port } = proxy.address() as AddressInfo;
      process.env.HTTP_PROXY = `http://ada:s%20x@127.0.0.1:${port}`;
      process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`;
    });
    afterEach(() => NAMES.forEach((name) => delete process.env[name]));
    after((done) => void proxy.close(done));

    async function call(ssl: boolean): Promise<unknown> {
      const connection = new HttpConnection({
        ...{ host: "kuzzle.example.com", port: 7512, ssl, path: "/k" },
        ...{ protocol: "http", credentials: undefined, apiKey: undefined },
        timeoutMs: 5_000,
      });
      try {
        return await connection.call({
          ...{ controller: "c", action: "a" },
          http: { method: "GET", path: "/x" },
        });
      } finally {
        connection.close();
      }
    }

    it("receives the full URL", async () => {
      should(await call(false)).equal(7);
      should(seen).eql([
        {
          url: "http://kuzzle.example.com:7512/k/x",
          host: "kuzzle.example.com:7512",
        },
        { login: `Basic ${Buffer.from("ada:s x").toString("base64")}` },
      ]);
    });

    it("is asked for a tunnel for TLS, and its error is shown", async () => {
      await should(call(true)).be.rejectedWith(/the proxy answered 407/);
      should(seen).eql([{ url: "kuzzle.example.com:7512" }]);
    });
  });
});
