/** Checks configuration and rights in the documentation as Kuzzle would. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import defaultConfig from "kuzzle/dist/lib/config/default.config";
import { parse } from "yaml";

import { kuzzleUrl } from "../../../features/support/environment";
import { asAdmin } from "../../../features/support/kuzzle";
import { readConfig } from "../../../lib/config";
import type { Literal } from "./literal";
import { ROOT } from "./markdown";

type Tree = Record<string, unknown>;

const KUZZLE = defaultConfig as unknown as Tree;

/** A part of a `.kuzzlerc` file. */
export function isConfig(value: Literal): boolean {
  const keys =
    typeof value === "object" && value !== null ? Object.keys(value) : [];
  return (
    keys.length > 0 &&
    keys.every((key) => key in KUZZLE) &&
    !("controller" in (value as Tree))
  );
}

/** @throws unless the plugin accepts its part, and Kuzzle knows the rest */
export function checkConfig(value: Tree): void {
  const { plugins, ...rest } = value as { plugins?: { batch: Tree } };
  if (plugins !== undefined) {
    assert.deepEqual(Object.keys(plugins), ["batch"]);
    readConfig(plugins.batch);
  }
  assertKnown(rest, KUZZLE, "");
}

function assertKnown(given: Tree, known: Tree, place: string): void {
  for (const [key, value] of Object.entries(given)) {
    const here = `${place}.${key}`;
    assert.ok(key in known, `Kuzzle has no setting ${here}`);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      assertKnown(value as Tree, known[key] as Tree, here);
    } else {
      assert.equal(typeof value, typeof known[key], `the type of ${here}`);
    }
  }
}

/** @throws unless Kuzzle accepts it as a role, and its actions exist */
export async function checkRole(role: Tree): Promise<void> {
  const { result } = await asAdmin({
    controller: "server",
    action: "publicApi",
  });
  const api = result as Record<string, Tree>;
  const controllers = role["controllers"] as Record<string, { actions: Tree }>;
  for (const [controller, { actions }] of Object.entries(controllers)) {
    for (const action of Object.keys(actions)) {
      assert.ok(
        action in (api[controller] ?? {}),
        `there is no ${controller}:${action}`,
      );
    }
  }
  const _id = "docs-role";
  await asAdmin({
    controller: "security",
    action: "createOrReplaceRole",
    _id,
    body: role,
  });
  await asAdmin({ controller: "security", action: "deleteRole", _id });
}

/** @throws unless this repository is installed with the same overrides */
export function checkOverrides({ overrides }: Tree): void {
  const file = path.join(ROOT, "package.json");
  const own = JSON.parse(readFileSync(file, "utf8")) as Tree;
  assert.deepEqual(overrides, own["overrides"]);
}

interface Prometheus {
  readonly scrape_configs?: { readonly metrics_path: string }[];
  readonly rule_files?: string[];
}

/** @throws unless its scrape target responds, and the rules are in the package */
export async function checkPrometheus(
  text: string,
  jwt: string,
): Promise<void> {
  const { scrape_configs = [], rule_files = [] } = parse(text) as Prometheus;
  assert.ok(
    scrape_configs.length + rule_files.length > 0,
    "nothing that is known",
  );
  for (const { metrics_path } of scrape_configs) {
    const answer = await fetch(kuzzleUrl + metrics_path, {
      headers: { authorization: `Bearer ${jwt}` },
    });
    assert.equal(answer.status, 200, metrics_path);
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain/);
  }
  for (const file of rule_files) {
    assert.ok(existsSync(path.join(ROOT, "monitoring", file)), file);
  }
}
