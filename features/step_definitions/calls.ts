import { defineParameterType, When } from "@cucumber/cucumber";

import { type KuzzleRequest, sendHttp } from "../support/transports";
import type { BatchWorld } from "../support/world";

const ACTIONS = {
  "batchGet from": "batch:batchGet",
  "mWrite to": "batch:mWrite",
  "mUpdate in": "batch:mUpdate",
  "batchWrite to": "batch:batchWrite",
};

type Phrase = keyof typeof ACTIONS;

defineParameterType({
  name: "action",
  regexp: new RegExp(Object.keys(ACTIONS).join("|")),
});
defineParameterType({ name: "arguments", regexp: /\{.*\}/ });

/**
 * "library" or "library:books"; arguments in YAML's `{ flow: notation }`; the doc string is the
 * body.
 */
function requestOf(
  phrase: string,
  place: string,
  args: unknown,
  body: unknown,
): KuzzleRequest {
  const [controller = "", action = ""] = ACTIONS[phrase as Phrase].split(":");
  const [index = "", collection] = place.split(":");

  return {
    ...(args as Record<string, unknown>),
    controller,
    action,
    index,
    ...(collection === undefined ? {} : { collection }),
    ...(body === undefined ? {} : { body }),
  };
}

When(
  "I {action} {string}:",
  function (this: BatchWorld, phrase: string, place: string, body: string) {
    return this.send(requestOf(phrase, place, {}, this.read(body)));
  },
);

When(
  "I {action} {string} without a body",
  function (this: BatchWorld, phrase: string, place: string) {
    return this.send(requestOf(phrase, place, {}, undefined));
  },
);

When(
  "I {action} {string} with {arguments}:",
  function (
    this: BatchWorld,
    phrase: string,
    place: string,
    args: string,
    body: string,
  ) {
    return this.send(
      requestOf(phrase, place, this.read(args), this.read(body)),
    );
  },
);

When("I call {string}", function (this: BatchWorld, name: string) {
  const [controller = "", action = ""] = name.split(":");

  return this.send({ controller, action });
});

When(
  "I {word} {string} over HTTP:",
  async function (this: BatchWorld, verb: string, path: string, body: string) {
    this.accept(await sendHttp(verb, path, this.read(body), this.token));
  },
);
