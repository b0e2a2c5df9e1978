/** What belongs in the package, and what does not. */

import { type PackageJson, STALE_FILE } from "./pack";

/**
 * Built code and its types, what a directory install and an operator need, and
 * documentation.
 */
const BELONGS = [
  // the README shows it
  /^bench\/results\/ratios\.svg$/,
  /^dist\/index\.(?:js|mjs|d\.ts|d\.mts)$/,
  /^dist\/(?:lib|client|bin)\/.+\.js$/,
  // only the types that the two entry points reach
  /^dist\/lib\/(?:BatchPlugin|types\/\w+)\.d\.ts$/,
  /^dist\/client\/(?:index|types|(?:answer|input|option)Types|BatchDocumentsController|errors\/BatchError|transport\/(?:clock|split))\.d\.ts$/,
  /^doc\/1\/.+\.md$/,
  /^doc\/1\/pictures\/.+\.svg$/,
  /^monitoring\/.+\.(?:json|yml)$/,
  /^(?:package|manifest)\.json$/,
  /^(?:README|CHANGELOG|CONTRIBUTING)\.md$/,
  /^LICENSE$/,
];

const NEEDED = [
  "dist/index.js",
  "dist/index.mjs",
  "dist/client/index.js",
  "doc/1/index.md",
  "monitoring/grafana-dashboard.json",
  "manifest.json",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];

/** npm runs these on the user's machine. */
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare"];

const MAX_BYTES = 2 * 1024 * 1024;

export function contentProblems(
  files: readonly string[],
  bytes: number,
): string[] {
  return [
    ...files
      .filter((file) => !BELONGS.some((pattern) => pattern.test(file)))
      .map((file) => `${file} does not belong in the package`),
    ...NEEDED.filter((file) => !files.includes(file)).map(
      (file) => `${file} is missing`,
    ),
    ...(files.includes(STALE_FILE)
      ? [`${STALE_FILE} is left over from an earlier build`]
      : []),
    ...(bytes > MAX_BYTES ? [`${bytes} bytes exceed ${MAX_BYTES}`] : []),
  ];
}

export function scriptProblems(
  scripts: Readonly<Record<string, string>>,
): string[] {
  return INSTALL_SCRIPTS.filter((name) => name in scripts).map(
    (name) => `the script ${name} runs where the package is installed`,
  );
}

/** Relative links of a page that lead outside the package, or nowhere. */
export function linkProblems(
  page: string,
  markdown: string,
  files: readonly string[],
): string[] {
  const links = markdown.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g);
  return [...links]
    .map(([, link = ""]) => link)
    .filter((link) => {
      const target = new URL(link, `file:///${page}`).pathname.slice(1);
      return !files.includes(decodeURIComponent(target));
    })
    .map((link) => `${page} links to ${link}, which does not exist`);
}

/**
 * Packages that the built code imports and the manifest does not declare, and vice
 * versa.
 *
 * @param sources the text of each file of built code
 */
export function dependencyProblems(
  sources: readonly string[],
  {
    name: own,
    dependencies,
    peerDependencies,
  }: Pick<PackageJson, "name" | "dependencies" | "peerDependencies">,
): string[] {
  const used = new Set(
    sources.flatMap((source) =>
      [
        ...source.matchAll(
          /(?:require\(|import\(|from )["']((?:@[\w.-]+\/)?[\w.-]+)[^"']*["']/g,
        ),
      ]
        .map(([, name = ""]) => name)
        // Node's modules begin with `node:`, files with a dot
        .filter((name) => name !== "node" && !name.startsWith(".")),
    ),
  );
  const needed = Object.keys(dependencies);
  const declared = [own, ...needed, ...Object.keys(peerDependencies)];
  return [
    ...[...used]
      .filter((name) => !declared.includes(name))
      .map((name) => `${name} is used but not declared`),
    ...needed
      .filter((name) => !used.has(name))
      .map((name) => `${name} is declared but not used`),
  ];
}
