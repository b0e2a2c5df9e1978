import type { KuzzleRequest } from "kuzzle";

/** Whether a request is for one of the plugin's own controllers. */
export function isPluginRequest({ input }: KuzzleRequest): boolean {
  const { controller } = input;
  return controller === "batch" || controller?.startsWith("batch/") === true;
}

/** The id that Kuzzle gives callers who are not logged in. */
export const ANONYMOUS = "-1";

/** @returns an empty object if the request has no body */
export function bodyOf({ input }: KuzzleRequest): Record<string, unknown> {
  return input.body ?? {};
}
