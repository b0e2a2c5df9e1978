import type { KuzzleRequest } from "kuzzle";

import { isPluginRequest } from "./request";

export type User = NonNullable<KuzzleRequest["context"]["user"]>;
export type Profiles = Awaited<ReturnType<User["getProfiles"]>>;
export type Profile = Profiles[number];

/**
 * What the plugin knows about a request in addition to what Kuzzle keeps.
 *
 * One entry for each request that has a need of it, made when something is first
 * noted. It belongs to the very object that Kuzzle passes around, from
 * `request:onAuthorized` to the answer, and goes with it. A request that a plugin
 * makes of another one, or runs by the embedded SDK, is an object of its own and
 * begins without state.
 */
export interface RequestState {
  /** how far a client's request has come; undefined for any other request */
  stage?: "arrived" | "at its handler";
  /** the answer is called raw until Kuzzle has passed its check of plugins' results */
  skipsResultCheck?: boolean;
  /** read once, unless a pipe gives the request another user, or the user others */
  profiles?:
    | {
        readonly user: User | null;
        /** the user's list as it was then */
        readonly ids: readonly string[] | null;
        readonly read: Promise<Profiles>;
      }
    | undefined;
  /** the next to ask for the profiles is Kuzzle's rate limiter */
  isBeforeRateLimit?: boolean;
  /** made by the plugin for the events of a native action */
  isNative?: true;
}

const states = new WeakMap<KuzzleRequest, RequestState>();

const NOTHING_NOTED: Readonly<RequestState> = {};

export function stateOf(request: KuzzleRequest): Readonly<RequestState> {
  return states.get(request) ?? NOTHING_NOTED;
}

/** Adds to what is known of a request. */
export function note(request: KuzzleRequest, news: RequestState): void {
  const state = states.get(request);
  if (state === undefined) {
    states.set(request, news);
  } else {
    Object.assign(state, news);
  }
}

/** To be run on `request:onAuthorized`, which only requests of clients pass. */
export function noteArrival(request: KuzzleRequest): KuzzleRequest {
  if (isPluginRequest(request)) {
    note(request, { stage: "arrived" });
  }
  return request;
}

/** The last events before handlers whose answers may skip Kuzzle's check. */
const HANDLER_EVENTS = [
  "batch:beforeBatchGet",
  "batch:beforeMWrite",
  "batch:beforeMUpdate",
  "batch:beforeBatchWrite",
  "batch/v1:beforeMGet",
  "batch/documents:beforeBatchGet",
];

/** @param controllers those of the plugin that are switched on */
export function handlerEventsOf(controllers: readonly string[]): string[] {
  return HANDLER_EVENTS.filter((event) =>
    controllers.includes(event.slice(0, event.indexOf(":"))),
  );
}

/** To be run on these events, as the last. */
export function noteHandler(request: KuzzleRequest): KuzzleRequest {
  if (stateOf(request).stage !== undefined) {
    note(request, { stage: "at its handler" });
  }
  return request;
}
