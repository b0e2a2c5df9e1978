/** The built client in a real browser, against a running Kuzzle. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

import { build, type Metafile } from "esbuild";
import { chromium, type Browser, type Page } from "playwright-core";
import should from "should";

import { temporaryFolder } from "../../../scripts/stack/paths";
import { environment } from "../../../features/support/environment";
import {
  createCollection,
  releaseCollection,
  userWho,
} from "../../../features/support/kuzzle";
import { LineProxy } from "../support/LineProxy";
import type { Actions, Place } from "./page";

const INDEX = "browser-tests";

/** Not localhost, which is a secure context even without TLS. */
const HOST = "kuzzle.test";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
];

const MAY = [
  ...["limits", "batchGet", "mWrite", "mUpdate"].map((each) => `batch:${each}`),
  "document:mGet",
  "document:mUpdate",
  "bulk:mWrite",
].map((action) => ({ action, where: [] }));

describe("the client in Chromium", () => {
  let bundle: string;
  let bundled: Metafile;
  let site: Server;
  let browser: Browser;
  let page: Page;
  let proxy: LineProxy;
  const complaints: string[] = [];
  let collections = 0;
  let collection: string;

  before(async () => {
    const result = await build({
      entryPoints: [path.join(__dirname, "page.ts")],
      bundle: true,
      platform: "browser",
      format: "iife",
      target: "es2022",
      write: false,
      metafile: true,
      minify: true,
      logLevel: "silent",
    });
    bundle = result.outputFiles[0]?.text ?? "";
    bundled = result.metafile;
    site = createServer((request, response) => {
      const isScript = request.url === "/page.js";
      response.setHeader(
        "content-type",
        isScript ? "text/javascript" : "text/html",
      );
      response.end(isScript ? bundle : '<script src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    proxy = await LineProxy.start(
      environment.kuzzleHost,
      environment.kuzzlePort,
    );
    const { CHROMIUM } = process.env;
    assert.ok(CHROMIUM, "CHROMIUM is not set: run npm run test:browser");
    const context = await chromium.launchPersistentContext(
      temporaryFolder("chromium"),
      { executablePath: CHROMIUM, args: FLAGS },
    );
    browser = context as unknown as Browser;
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`http://${HOST}:${(site.address() as AddressInfo).port}/`);
  });

  after(async () => {
    await browser?.close();
    await proxy?.stop();
    site?.closeAllConnections();
    site?.close();
  });

  beforeEach(async () => {
    collection = `c${collections++}`;
    await createCollection(`${INDEX}:${collection}`);
  });

  afterEach(async () => {
    proxy.cuts = {};
    await releaseCollection(`${INDEX}:${collection}`, false);
    should(complaints.splice(0)).be.empty();
  });

  async function run<Name extends keyof Actions>(
    name: Name,
    protocol: Place["protocol"],
  ): Promise<Awaited<ReturnType<Actions[Name]>>> {
    const place: Place = {
      protocol,
      host: HOST,
      port: proxy.port,
      jwt: await userWho(MAY),
      index: INDEX,
      collection,
    };
    const seen: unknown = await page.evaluate(
      ([action, where]) => (globalThis as any).actions[action](where),
      [name, place] as const,
    );
    return seen as Awaited<ReturnType<Actions[Name]>>;
  }

  it("is bundled without parts of the server or of Node", () => {
    const folders = Object.keys(bundled.inputs).map((file) =>
      file.replace(
        /^(node_modules\/[^/]+|dist\/client|test\/integration\/browser)\/.*/,
        "$1",
      ),
    );

    should([...new Set(folders)].sort()).eql([
      "dist/client",
      "dist/lib/core/groupBy.js",
      "dist/lib/core/planning/ChunkFiller.js",
      "dist/lib/core/retry/Backoff.js",
      "node_modules/dataloader",
      "node_modules/kuzzle-sdk",
      "node_modules/lossless-json",
      "test/integration/browser",
    ]);
  });

  for (const protocol of ["http", "websocket"] as const) {
    it(`writes, updates and reads more than a request holds, over ${protocol}`, async () => {
      const seen = await run("everything", protocol);

      should(seen).match({
        isSecureContext: false,
        hasRandomUuid: false,
        written: 3_000,
        hasSource: false,
        updated: 300,
        notFound: ["nowhere"],
        found: 3_000,
        loaded: 100,
        refused: {
          id: "batch.write.refused",
          errors: [{ position: 0, code: "invalid" }],
        },
      });
      should(seen.writeRequests).be.above(2);
      should(seen.read).eql([...Array(3_000).keys()]);
    });

    it(`writes nothing twice when the line is cut, over ${protocol}`, async () => {
      let left = 3;
      proxy.cuts = {
        // Kuzzle compresses its HTTP responses for browsers
        answer: (text, requestBytes) =>
          (protocol === "http"
            ? requestBytes > 50_000
            : text.includes('"mWrite"')) && left-- > 0,
      };

      const seen = await run("writeThroughCuts", protocol);

      should(left).be.below(1);
      should(seen).eql({ created: 2_000, errors: [], replayed: true });
    });

    it(`takes a stream of the browser, over ${protocol}`, async () => {
      should(await run("stream", protocol)).equal(500);
    });
  }
});
