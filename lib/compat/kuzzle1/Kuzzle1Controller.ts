import type { ControllerDefinition, KuzzleRequest } from "kuzzle";

import { Arguments } from "../../api/request/Arguments";
import { parsedWhenSeen } from "../../api/response/parsedWhenSeen";
import { rawResponse } from "../../api/response/rawResponse";
import type { Actions } from "../../api/BatchController";
import type { BatchGetAction } from "../../api/batchGet";
import { route } from "../../openapi/index";
import { parseIds } from "../../api/request/parseBatchGet";
import { v1GetAnswer, v1UpdateAnswer } from "./answers";
import type { MUpdateAction } from "../../api/mUpdate";

/**
 * The controller `batch/v1`: the API of Kuzzle 1.
 *
 * @param isBesideMixpeek whether the Mixpeek API has its route too
 */
export function kuzzle1Controller(
  { batchGet, mUpdate }: Pick<Actions, "batchGet" | "mUpdate">,
  isBesideMixpeek = true,
): ControllerDefinition {
  const shadowedRoute = route(
    "batch/v1:mGet",
    "post",
    `${SHADOWED}/:collection/_mGet`,
    "InDocuments",
  );
  return {
    actions: {
      mGet: {
        handler: (request) => v1MGet(request, batchGet),
        http: [
          route("batch/v1:mGet", "post", "/v1/:index/:collection/_mGet"),
          ...(isBesideMixpeek ? [shadowedRoute] : []),
        ],
      },
      mUpdate: {
        handler: (request) => v1MUpdate(request, mUpdate),
        http: [
          route("batch/v1:mUpdate", "put", "/v1/:index/:collection/_mUpdate"),
        ],
      },
    },
  };
}

async function v1MGet(
  request: KuzzleRequest,
  batchGet: BatchGetAction,
): Promise<object> {
  nameShadowedIndex(request);
  const { asked, result, isSeen } = await batchGet.read(request, (each) =>
    parseIds(new Arguments(each), "ids", placeOf(each)),
  );
  const answer = v1GetAnswer(request, asked, placeOf(request), result);
  if (isSeen) {
    answer.result.hits.forEach((hit, i, hits) => {
      hits[i] = parsedWhenSeen(hit);
    });
  }
  return rawResponse(request, answer, answer.status);
}

async function v1MUpdate(
  request: KuzzleRequest,
  update: MUpdateAction,
): Promise<object> {
  const { successes, errors } = await update.run(request);
  const place = placeOf(request);
  const answer = v1UpdateAnswer(request, place, successes, errors);
  return rawResponse(request, answer, answer.status);
}

function placeOf(request: KuzzleRequest): {
  index: string;
  collection: string;
} {
  const args = new Arguments(request);
  return { index: args.name("index"), collection: args.name("collection") };
}

/**
 * Kuzzle's router follows the first part that matches and does not backtrack, so the
 * Mixpeek API's route, `/v1/documents/batch-get`, shadows an index named `documents`.
 * That index gets a route of its own, without an index parameter.
 */
const SHADOWED = "/v1/documents";

function nameShadowedIndex({ context, input }: KuzzleRequest): void {
  const path: unknown = context.connection.misc.path;
  if (
    input.args.index === undefined &&
    typeof path === "string" &&
    path.startsWith(`${SHADOWED}/`)
  ) {
    input.args.index = "documents";
  }
}
