import type { KuzzleRequest } from "kuzzle";

import type { Instruments } from "../observability/instruments";

/**
 * `batch:metrics`: plain text over HTTP, where scrapers request it, and a value on the
 * other protocols.
 */
export async function metricsAction(
  request: KuzzleRequest,
  instruments: Instruments,
): Promise<string | { contentType: string; text: string }> {
  const { contentType, text } = await instruments.render();
  if (request.context.connection.protocol !== "http") {
    return { contentType, text };
  }
  request.response.configure({
    headers: { "Content-Type": contentType },
    format: "raw",
  });
  return text;
}

/**
 * Appends our text to the response of kuzzle-plugin-prometheus. There is no text if
 * that plugin is not installed, or the request is for another format.
 */
export async function appendMetrics(
  request: KuzzleRequest,
  instruments: Instruments,
): Promise<KuzzleRequest> {
  const text: unknown = request.result;
  if (typeof text === "string" && request.response.raw) {
    const ours = (await instruments.render()).text;
    request.response.result = `${text.trimEnd()}\n${ours}`;
  }
  return request;
}
