/**
 * lib/openapi describes the arguments of each action. The client's types are compared with
 * it when this file is compiled, and what the actions read when it is run; the pages are
 * compared in test/unit/docs.
 */
import should from "should";
import type { KuzzleRequest } from "kuzzle";

import type {
  BatchWriteOptions,
  CallOptions,
  GetOptions,
  Operation,
  UpdateOptions,
  WriteOptions,
} from "../../../../client/types";
import type { AskedDocument } from "../../../../lib/api/request/validateEntry";
import { parseGet } from "../../../../lib/api/request/parseBatchGet";
import { asksForText } from "../../../../lib/api/response/asText";
import { readKey } from "../../../../lib/idempotency/key";
import { ACTIONS } from "../../../../lib/openapi/actions";
import {
  ARGUMENTS,
  type ArgumentDescription,
} from "../../../../lib/openapi/arguments";
import type { OPERATION_SCHEMAS } from "../../../../lib/openapi/operations";
import type { OperationName } from "../../../../lib/types";
import { FakeStore } from "../../../support/FakeStore";
import { actionsWith } from "../../../support/controller";
import { kuzzleRequest, kuzzleServices } from "../../../support/request";

// ----------------------------------------------------------------- types

/** Compiles if both unions have the same names. */
type Agree<One, Other> = [One, Other] extends [Other, One]
  ? []
  : [Exclude<One, Other> | Exclude<Other, One>];
function agree<One, Other>(...differences: Agree<One, Other>): void {
  void differences;
}

type Argument<Action extends keyof typeof ACTIONS> =
  (typeof ACTIONS)[Action]["arguments"][number];
/** An option has its argument's name; `collection` is part of the path. */
type Option<Options> =
  Exclude<keyof Options, keyof CallOptions | "collection"> extends infer Name
    ? Name extends "source"
      ? "source" | "withSource"
      : Name
    : never;
/** The client's `numbers` requests `json`; it reads no stream. */
type Asked<Action extends keyof typeof ACTIONS> =
  Exclude<Argument<Action>, "json" | "format"> extends infer Name
    ? Name extends "source" | "withSource"
      ? "source" | "withSource"
      : Name
    : never;

agree<Asked<"batchGet">, Option<GetOptions>>();
agree<Asked<"mWrite">, Option<WriteOptions>>();
agree<Asked<"mUpdate">, Option<UpdateOptions>>();
agree<Asked<"batchWrite">, Option<BatchWriteOptions>>();

type Described<Op extends OperationName> =
  keyof (typeof OPERATION_SCHEMAS)[Op]["properties"];
type Needed<Op extends OperationName> = (typeof OPERATION_SCHEMAS)[Op] extends {
  readonly required?: readonly (infer Name)[];
}
  ? Name
  : never;
type InputOf<Op extends OperationName, Each = Operation> =
  Each extends Readonly<Record<Op, infer Input>> ? Input : never;
/** One of two contents is required, so neither is by itself. */
type OfContent = "body" | "json" | "changes";
type NeededOf<
  Input,
  Name extends keyof Input = keyof Input,
> = Name extends OfContent
  ? never
  : object extends Pick<Input, Name>
    ? never
    : Name;

agree<Described<"create">, keyof InputOf<"create">>();
agree<Described<"createOrReplace">, keyof InputOf<"createOrReplace">>();
agree<Described<"replace">, keyof InputOf<"replace">>();
agree<Described<"write">, keyof InputOf<"write">>();
agree<Described<"update">, keyof InputOf<"update">>();
agree<Described<"delete">, keyof InputOf<"delete">>();
// the client makes the texts itself
agree<
  Exclude<Described<"upsert">, "json" | "defaultJson">,
  keyof InputOf<"upsert">
>();

agree<Needed<"create">, NeededOf<InputOf<"create">>>();
agree<Needed<"createOrReplace">, NeededOf<InputOf<"createOrReplace">>>();
agree<Needed<"replace">, NeededOf<InputOf<"replace">>>();
agree<Needed<"write">, NeededOf<InputOf<"write">>>();
agree<Needed<"update">, NeededOf<InputOf<"update">>>();
agree<Needed<"upsert">, NeededOf<InputOf<"upsert">>>();
agree<Needed<"delete">, NeededOf<InputOf<"delete">>>();

// what the plugin reads of them
agree<Exclude<AnyDescribed, "collection">, keyof AskedDocument>();
type AnyDescribed = { [Op in OperationName]: Described<Op> }[OperationName];

// ------------------------------------------------------------- when it runs

const actions = actionsWith(new FakeStore(), kuzzleServices());
const BODY = { documents: [], operations: [] };
const READERS: Readonly<Record<string, (request: KuzzleRequest) => unknown>> = {
  batchGet: parseGet,
  ...Object.fromEntries(
    (["mWrite", "mUpdate", "batchWrite"] as const).map((name) => [
      name,
      (request: KuzzleRequest) => {
        readKey(request);
        asksForText(request);
        return actions[name].read(request, undefined);
      },
    ]),
  ),
};

describe("what an action takes", () => {
  for (const [name, read] of Object.entries(READERS)) {
    it(`${name} reads the arguments that are described, and no others`, () => {
      const names = new Set<string>();
      const request = kuzzleRequest({
        action: name,
        index: "i",
        collection: "c",
        body: name === "batchGet" ? { ids: ["1"] } : BODY,
      });
      request.input.args = new Proxy(request.input.args, {
        get: (args, key) => {
          names.add(String(key));
          return (args as Record<PropertyKey, unknown>)[key];
        },
      });
      read(request);

      const described = ACTIONS[name as keyof typeof ACTIONS].arguments.map(
        (each) => (ARGUMENTS[each] as ArgumentDescription).name ?? each,
      );
      const inPath = ["index", "collection"];
      const given = [...names].filter((each) => !inPath.includes(each));
      should(given.sort()).eql([...described].sort());
    });
  }
});
