import type { ServerLimits } from "../types";
import type { KuzzleServices } from "../kuzzle/KuzzleServices";

/** The plugin's own settings that limit a request. */
export type RequestSettings = Pick<
  ServerLimits,
  "maxLookups" | "maxResponseBytes" | "atomicMaxDocuments" | "atomicMaxBytes"
>;

/** `batch:limits`: what a client needs to know to split its requests. */
export function limitsAction(
  { maxRequestBytes, documentsFetchCount, documentsWriteCount }: KuzzleServices,
  {
    maxLookups,
    maxResponseBytes,
    atomicMaxDocuments,
    atomicMaxBytes,
  }: RequestSettings,
): ServerLimits {
  return {
    maxRequestBytes,
    documentsFetchCount,
    documentsWriteCount,
    maxLookups,
    maxResponseBytes,
    atomicMaxDocuments,
    atomicMaxBytes,
  };
}
