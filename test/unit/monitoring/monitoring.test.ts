import { readFileSync } from "node:fs";
import path from "node:path";

import should from "should";
import { parse } from "yaml";

import { FAILURE_CODES } from "../../../lib/openapi/documents";
import { readTypes } from "../../support/exposition";
import { newMetrics } from "../../support/metrics";

const root = path.resolve(__dirname, "../../..");

function read(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly targets?: { readonly expr: string }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const dashboard = JSON.parse(read("monitoring/grafana-dashboard.json")) as {
  panels: Panel[];
  templating: { list: { type: string; definition?: string }[] };
};
const { groups } = parse(read("monitoring/alerts.yml")) as {
  groups: { rules: Rule[] }[];
};
const panels = dashboard.panels.filter(({ type }) => type !== "row");
const rules = groups.flatMap((group) => group.rules);

const expressions = [
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ place: `panel "${title}"`, expr })),
  ),
  ...dashboard.templating.list
    .filter(({ type }) => type === "query")
    .map(({ definition = "" }) => ({ place: "variable", expr: definition })),
  ...rules.map(({ alert, expr }) => ({ place: `alert ${alert}`, expr })),
];

/** Each metric of the registry with its type. */
async function registry(): Promise<Map<string, string>> {
  return readTypes((await newMetrics().render()).text);
}

/** The series that Prometheus derives from the registry. */
async function series(): Promise<string[]> {
  return [...(await registry())].flatMap(([name, type]) =>
    type === "histogram"
      ? ["_bucket", "_sum", "_count"].map((suffix) => name + suffix)
      : [name],
  );
}

/** The plugin's labels, as in the contract. */
const LABELS: Record<string, readonly string[]> = {
  kuzzle_batch_operation_duration_seconds: ["action", "outcome"],
  kuzzle_batch_documents_total: ["action", "result"],
  kuzzle_batch_write_operations_total: ["action", "operation", "outcome"],
  kuzzle_batch_document_errors_total: ["action", "code"],
  kuzzle_batch_request_documents: ["action"],
  kuzzle_batch_retries_total: ["action", "reason"],
  kuzzle_batch_conflicts_total: ["action"],
  kuzzle_batch_engine_calls_total: ["operation"],
  kuzzle_batch_engine_duration_seconds: ["operation"],
  kuzzle_batch_rollbacks_total: ["outcome"],
};

/** Their possible values: a typo in one would silence an alert. */
const VALUES: Record<string, readonly string[]> = {
  action: [
    "batchGet",
    "mWrite",
    "mUpdate",
    "batchWrite",
    "native:mGet",
    "native:mWrite",
    "native:mUpdate",
  ],
  outcome: ["complete", "partial", "failed"],
  "outcome of kuzzle_batch_rollbacks_total": [
    "rolled_back",
    "rollback_incomplete",
    "unknown",
  ],
  "operation of kuzzle_batch_write_operations_total": [
    "create",
    "createOrReplace",
    "replace",
    "write",
    "update",
    "upsert",
    "delete",
    "unknown",
  ],
  "outcome of kuzzle_batch_write_operations_total": [
    "done",
    "error",
    "refused",
  ],
  result: [
    "found",
    "not_found",
    "written",
    "updated",
    "error",
    "refused",
    "unprocessed",
  ],
  reason: ["conflict", "rejected"],
  code: Object.keys(FAILURE_CODES),
  operation: ["mget", "bulk", "refresh", "mapping", "journal", "tasks"],
};

function valuesOf(label: string, series: string): readonly string[] {
  return VALUES[`${label} of ${familyOf(series)}`] ?? VALUES[label] ?? [];
}

/** The selectors `name{label="value", …}` in an expression that are ours. */
function selectorsIn(expr: string): { name: string; matchers: string }[] {
  return [...expr.matchAll(/\b(kuzzle_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = "", matchers = ""]) => ({ name, matchers }),
  );
}

function familyOf(series: string): string {
  return series in LABELS
    ? series
    : series.replace(/_(?:bucket|sum|count)$/, "");
}

function labelsOf(series: string): readonly string[] {
  return LABELS[familyOf(series)] ?? [];
}

describe("the dashboard and the alert rules", () => {
  it("[I2] use only metrics that exist", async () => {
    const existing = await series();
    const unknown = expressions.flatMap(({ place, expr }) =>
      selectorsIn(expr)
        .filter(({ name }) => !existing.includes(name))
        .map(({ name }) => `${place}: ${name}`),
    );

    should(expressions.length).be.above(15);
    should(
      expressions.filter(({ expr }) => selectorsIn(expr).length === 0),
    ).eql([]);
    should(unknown).eql([]);
  });

  it("[I2] select by labels and values that exist", () => {
    const unknown = expressions.flatMap(({ place, expr }) =>
      selectorsIn(expr).flatMap(({ name, matchers }) =>
        [...matchers.matchAll(/(\w+)=~?"([^"]*)"/g)]
          .filter(([, label = ""]) => label !== "instance")
          .filter(
            ([, label = "", value = ""]) =>
              !labelsOf(name).includes(label) ||
              !(
                value === `$${label}` ||
                value
                  .split("|")
                  .every((one) => valuesOf(label, name).includes(one))
              ),
          )
          .map(([matcher]) => `${place}: ${name} ${matcher}`),
      ),
    );
    should(unknown).eql([]);
  });

  it("[I2] group by labels that the metrics have", () => {
    const unknown = expressions.flatMap(({ place, expr }) => {
      const known = selectorsIn(expr).flatMap(({ name }) => labelsOf(name));
      return [...expr.matchAll(/\bby \(([^)]*)\)/g)]
        .flatMap(([, labels = ""]) => labels.split(/, */))
        .filter((label) => !["le", "instance", ...known].includes(label))
        .map((label) => `${place}: by (${label})`);
    });
    should(unknown).eql([]);
  });

  it("show every metric that there is", async () => {
    const shown = new Set(
      panels.flatMap(({ targets = [] }) =>
        targets.flatMap(({ expr }) =>
          selectorsIn(expr).map(({ name }) => familyOf(name)),
        ),
      ),
    );
    should([...shown].sort()).eql([...(await registry()).keys()].sort());
  });

  it("say of each panel what it is", () => {
    should(panels.filter(({ description = "" }) => description === "")).eql([]);
  });

  it("need some traffic where they are of shares or durations", () => {
    const ofShares = rules.filter(({ expr }) =>
      /histogram_quantile|rate\([^/]*\n\s*\/ sum/.test(expr),
    );
    should(ofShares.length).be.aboveOrEqual(4);
    for (const { alert, expr } of ofShares) {
      should(expr).match(/and sum by .*increase\([\s\S]*>= \d+/, alert);
    }
  });

  it("have a runbook line for each alert", () => {
    should(rules.length).be.above(5);
    for (const { annotations } of rules) {
      should(annotations.runbook).match(/^\S.{40,}$/);
      should(annotations.summary).match(/\{\{ \$labels\.instance \}\}/);
    }
  });
});

describe("the page on metrics", () => {
  const page = read("doc/1/operations/metrics/index.md");
  const sections = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((text) => [/^`(\w+)`/.exec(text)?.[1] ?? "", text]),
  );

  it("[I2] describes each metric: its type, its labels and their values", async () => {
    const missing = [...(await registry())].flatMap(([name, type]) => {
      const section = sections.get(name);
      const labels = labelsOf(name);
      const values = labels
        .filter((label) => label !== "action")
        .flatMap((label) => valuesOf(label, name));
      return [...labels, ...values]
        .map((word) => `\`${word}\``)
        .concat(type, "Investigate when")
        .filter((words) => !section?.includes(words))
        .map((words) => `${name}: ${words}`);
    });
    should(missing).eql([]);
  });

  it("[I2] names each action that is counted", () => {
    const [, rest = ""] = page.split("\n## Each metric\n");
    const [text = ""] = rest.split("\n### ");
    should(
      valuesOf("action", "").filter((name) => !text.includes(`\`${name}\``)),
    ).eql([]);
  });

  it("has each panel of the dashboard in its tables", () => {
    const rows = panels.map(({ title }) => `| ${title} |`);
    should(rows.filter((row) => !page.includes(row))).eql([]);
  });
});

describe("the page on alerts", () => {
  const sections = new Map(
    read("doc/1/operations/alerts/index.md")
      .split(/^## /m)
      .map((text) => [text.split("\n", 1)[0] ?? "", text]),
  );

  it("tells of each alert, and of no other, what to do", () => {
    const told = [...sections.keys()].filter((name) => /^Kuzzle/.test(name));
    should(told).eql(rules.map(({ alert }) => alert));
  });

  it("tells after how many minutes each comes", () => {
    const wrong = rules.filter(
      (rule) =>
        rule.for !== undefined &&
        !sections
          .get(rule.alert)
          ?.includes(`for ${rule.for.replace("m", " minutes")}`),
    );
    should(wrong.map(({ alert }) => alert)).eql([]);
  });
});
