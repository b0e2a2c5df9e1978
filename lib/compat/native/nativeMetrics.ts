import type { KuzzleRequest } from "kuzzle";

import type { Instruments } from "../../observability/instruments";

/** The labels of Kuzzle's own actions, and the names of their successes. */
const MEASURED: Readonly<
  Record<string, { readonly label: string; readonly success: string }>
> = {
  "document:mGet": { label: "native:mGet", success: "found" },
  "bulk:mWrite": { label: "native:mWrite", success: "written" },
  "document:mUpdate": { label: "native:mUpdate", success: "updated" },
};

interface NativeResult {
  readonly successes?: readonly unknown[];
  readonly errors?: readonly unknown[];
  readonly not_found?: readonly unknown[];
}

/**
 * Hooks that count Kuzzle's own batch actions, in addition to the plugin's. Kuzzle
 * records the arrival of a request in milliseconds.
 */
export function nativeMetricsHooks(
  instruments: Instruments,
  now: () => number,
): Record<string, (request: KuzzleRequest) => void> {
  function record(request: KuzzleRequest): void {
    const { controller, action } = request.input;
    const measured = MEASURED[`${controller}:${action}`];
    if (measured === undefined) {
      return;
    }
    const seconds = (now() - request.timestamp) / 1_000;
    const isFailed = request.error !== null;
    const documents = isFailed
      ? {}
      : countDocuments(request.result as NativeResult, measured.success);
    instruments.native(measured.label, seconds, isFailed, documents);
  }
  return { "request:onSuccess": record, "request:onError": record };
}

function countDocuments(
  result: NativeResult | null,
  success: string,
): Record<string, number> {
  const missing = result?.not_found?.length ?? 0;
  return {
    [success]: result?.successes?.length ?? 0,
    not_found: missing,
    error: (result?.errors?.length ?? 0) - missing,
  };
}
