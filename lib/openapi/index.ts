/**
 * The only description of each action, from which the OpenAPI operations of its routes
 * are generated: schema → documents, arguments, responses → actions, compatibility →
 * here.
 */
import { camelCase } from "lodash";

import { ACTIONS, type ActionName } from "./actions";
import { parametersOf } from "./arguments";
import type { ActionDescription } from "./describe";
import { COMPATIBILITY_ACTIONS } from "./compatibility";
import { errorResponses } from "./responses";
import type { Schema } from "./schema";

export { ACTIONS, COMPATIBILITY_ACTIONS };

/** The name by which a route of a controller refers to an action. */
export type DescribedName = ActionName | keyof typeof COMPATIBILITY_ACTIONS;

export interface DescribedRoute {
  readonly verb: "get" | "post" | "put";
  readonly path: string;
  readonly openapi: object;
}

/**
 * @param variant distinguishes the operation of an action's second route from its first
 */
export function route(
  action: DescribedName,
  verb: DescribedRoute["verb"],
  path: string,
  variant?: string,
): DescribedRoute {
  return { verb, path, openapi: openapi(action, path, variant) };
}

/**
 * The OpenAPI operation of one route of an action. Built anew for each route, since
 * Kuzzle's generator changes the object that it is given.
 */
export function openapi(
  action: DescribedName,
  path: string,
  variant = "",
): Schema {
  const {
    summary,
    description,
    arguments: names,
    body,
    answers,
    errors,
    errorEntry,
  }: ActionDescription = { ...ACTIONS, ...COMPATIBILITY_ACTIONS }[action];
  const fullName = action in ACTIONS ? `batch:${action}` : action;

  return structuredClone({
    operationId: camelCase(fullName) + variant,
    summary,
    description,
    parameters: parametersOf(path, names),
    requestBody: {
      required: Object.keys(body.properties as Schema).length > 0,
      content: { "application/json": { schema: body } },
    },
    responses: { ...answers, ...errorResponses(errors, errorEntry) },
  });
}
