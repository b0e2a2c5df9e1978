import type { KuzzleRequest } from "kuzzle";

import { isPluginRequest } from "./request";

export type User = NonNullable<KuzzleRequest["context"]["user"]>;
export type Profiles = Awaited<ReturnType<User["getProfiles"]>>;
export type Profile = Profiles[number];

/**
 * What the plugin knows about a request in addition to what Kuzzle keeps.
 *
 * Each request that needs one has one entry, made when something is first noted. The
 * entry belongs to the object that Kuzzle passes around from `request:onAuthorized` to
 * the response, and is collected with it. A request that a plugin derives from another
 * one, or runs through the embedded SDK, is a separate object and begins without state.
 */
export interface RequestState {
  /** how far a client's request has come; undefined for any other request */
  stage?: "arrived" | "at its handler";
  /** the response is marked raw until Kuzzle has checked the plugin's result */
  skipsResultCheck?: boolean;
  /** read once, unless a pipe changes the request's user or the user's profiles */
  profiles?:
    | {
        readonly user: User | null;
        /** the user's list at that time */
        readonly ids: readonly string[] | null;
        readonly read: Promise<Profiles>;
      }
    | undefined;
  /** the next reader of the profiles is Kuzzle's rate limiter */
  isBeforeRateLimit?: boolean;
  /** made by the plugin for the events of a native action */
  isNative?: true;
}

const states = new WeakMap<KuzzleRequest, RequestState>();

const NOTHING_NOTED: Readonly<RequestState> = {};

export function stateOf(request: KuzzleRequest): Readonly<RequestState> {
  return states.get(request) ?? NOTHING_NOTED;
}

/** Adds to the state of a request. */
export function note(request: KuzzleRequest, news: RequestState): void {
  const state = states.get(request);
  if (state === undefined) {
    states.set(request, news);
  } else {
    Object.assign(state, news);
  }
}

/** Must run on `request:onAuthorized`, which only requests of clients pass. */
export function noteArrival(request: KuzzleRequest): KuzzleRequest {
  if (isPluginRequest(request)) {
    note(request, { stage: "arrived" });
  }
  return request;
}

/** The last events before the handlers whose responses may skip Kuzzle's check. */
const HANDLER_EVENTS = [
  "batch:beforeBatchGet",
  "batch:beforeMWrite",
  "batch:beforeMUpdate",
  "batch:beforeBatchWrite",
  "batch/v1:beforeMGet",
  "batch/documents:beforeBatchGet",
];

/** @param controllers the enabled controllers of the plugin */
export function handlerEventsOf(controllers: readonly string[]): string[] {
  return HANDLER_EVENTS.filter((event) =>
    controllers.includes(event.slice(0, event.indexOf(":"))),
  );
}

/** Must run last on these events. */
export function noteHandler(request: KuzzleRequest): KuzzleRequest {
  if (stateOf(request).stage !== undefined) {
    note(request, { stage: "at its handler" });
  }
  return request;
}
