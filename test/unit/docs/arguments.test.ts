/** Each action has a page that names the arguments described by OpenAPI. */
import { existsSync } from "node:fs";
import path from "node:path";

import should from "should";

import {
  ACTIONS,
  COMPATIBILITY_ACTIONS,
  openapi,
} from "../../../lib/openapi/index";
import { readPage, ROOT, textOf } from "../../integration/docs/markdown";

interface Schema {
  readonly type?: string | readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Operation {
  readonly parameters: {
    readonly in: string;
    readonly name: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody: {
    readonly content: {
      readonly "application/json": { readonly schema: Schema };
    };
  };
}

/** `name (type)` or `name (type, optional)` */
type Line = string;

/** What pages call a text that is a list of fields. */
const LISTS: Readonly<Record<string, string>> = {
  source: "boolean or list",
  sourceExcludes: "list",
};

const NAMES = [
  ...Object.keys(ACTIONS),
  ...Object.keys(COMPATIBILITY_ACTIONS),
] as Parameters<typeof openapi>[0][];

function describedBy(name: (typeof NAMES)[number]): Operation {
  const withoutPlace = ["metrics", "limits", "batch/documents:batchGet"];
  return openapi(
    name,
    withoutPlace.includes(name) ? "/" : "/:index/:collection",
  ) as unknown as Operation;
}

function pageOf(name: string): string {
  const [controller = "", action = ""] = name.includes(":")
    ? name.split(":")
    : ["batch", name];
  const folder = action.replace(
    /[A-Z]/g,
    (letter) => `-${letter.toLowerCase()}`,
  );
  return path.join(
    "doc/1/controllers",
    controller.replace("/", "-"),
    folder,
    "index.md",
  );
}

/** These also have a route without a collection. */
const WHOLE_INDEX = ["batchGet", "batchWrite"];

function argumentLines(name: string, { parameters }: Operation): Line[] {
  const isList = (each: string) => name === "batchGet" && each in LISTS;
  return parameters.map(({ name: each, required, schema }) =>
    line(
      each,
      isList(each) ? LISTS[each] : typeOf(schema),
      required && !(WHOLE_INDEX.includes(name) && each === "collection"),
    ),
  );
}

function bodyLines({ requestBody }: Operation): Line[] {
  const {
    properties = {},
    required = [],
    ...rest
  } = requestBody.content["application/json"].schema;
  // one of two lists is required, so neither is by itself
  const isNeeded = (each: string) => "oneOf" in rest || required.includes(each);
  return Object.entries(properties).flatMap(([each, schema]) => [
    line(each, typeOf(schema), isNeeded(each)),
    ...Object.entries(schema.items?.properties ?? {}).map(
      ([inner, its]) =>
        `  ${line(inner, typeOf(its), schema.items?.required?.includes(inner) === true)}`,
    ),
  ]);
}

const line = (
  name: string,
  type: string | undefined,
  isRequired: boolean,
): Line => `${name} (${type}${isRequired ? "" : ", optional"})`;

function typeOf({ type, items }: Schema): string {
  const [first = ""] = [type ?? ""].flat();
  return first === "array" ? `${typeOf(items ?? {})}[]` : first;
}

/** The bullets of a section; those below "### Optional:" are optional. */
function linesOf(page: string, section: string): Line[] {
  const [, text = ""] =
    new RegExp(`^## ${section}\\n([\\s\\S]*?)(?=^## |^---$)`, "m").exec(page) ??
    [];
  const [required = "", optional = ""] = text.split("### Optional:");
  const read = (part: string, suffix: string) =>
    part.split("\n").flatMap((each) => {
      const [, indent = "", bullets] =
        /^( *)- ((?:`[\w-]+` \([^)]*\)(?:, )?)+)/.exec(each) ?? [];
      if (bullets === undefined) return [];
      return [...bullets.matchAll(/`([\w-]+)` \(([^)]*)\)/g)].map(
        ([, name, type]) =>
          `${indent}${name} (${type}${indent === "" ? suffix : ""})`,
      );
    });
  return [...read(required, ""), ...read(optional, ", optional")];
}

describe("the pages of the actions", () => {
  for (const name of NAMES) {
    const file = pageOf(name);

    it(`${name} has one`, () => {
      should(existsSync(path.join(ROOT, file))).be.true();
    });

    it(`${name}: the arguments are those of its OpenAPI description`, () => {
      const page = textOf(file);
      const operation = describedBy(name);
      should(linesOf(page, "Arguments").sort()).eql(
        argumentLines(name, operation).sort(),
      );
      should(linesOf(page, "Body properties").sort()).eql(
        bodyLines(operation).sort(),
      );
    });

    it(`${name}: its URL names the arguments of the query, and no others`, () => {
      const [first] = readPage(file).blocks.filter(
        ({ language }) => language === "http",
      );
      const url = first?.text.split("\n", 1)[0] ?? "";
      const shown = [...url.matchAll(/[?&](\w+)/g)].map(([, each]) => each);
      const inQuery = describedBy(name).parameters.filter(
        (each) => each.in === "query",
      );
      should(shown.sort()).eql(inQuery.map((each) => each.name).sort());
    });

    it(`${name} shows each way to call it`, () => {
      const page = textOf(file);
      for (const heading of ["HTTP", "Other protocols", "SDK", "curl"]) {
        should(page).containEql(`\n### ${heading}\n`);
      }
    });
  }
});
