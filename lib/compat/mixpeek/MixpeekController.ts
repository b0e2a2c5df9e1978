import type { ControllerDefinition, KuzzleRequest } from "kuzzle";

import { batchError } from "../../errors";
import { Arguments } from "../../api/request/Arguments";
import { parsedWhenSeen } from "../../api/response/parsedWhenSeen";
import { rawResponse } from "../../api/response/rawResponse";
import type { BlobUrls } from "./BlobUrls";
import {
  assertFoundOrMissing,
  toMixpeekDocument,
  type MixpeekDocument,
  type SignUrl,
} from "./answers";
import type { Actions } from "../../api/BatchController";
import type { BatchGetAction } from "../../api/batchGet";
import { bodyOf } from "../../kuzzle/request";
import { route } from "../../openapi/index";
import { parseIds, type GetRequest } from "../../api/request/parseBatchGet";

const MAX_IDS = 1_000;

/**
 * The controller `batch/documents`: the documents API of Mixpeek. Its namespaces are
 * Kuzzle's indexes.
 *
 * @param blobUrls undefined: no URL is ever signed
 */
export function mixpeekController(
  { batchGet }: Pick<Actions, "batchGet">,
  blobUrls?: BlobUrls,
): ControllerDefinition {
  return {
    actions: {
      batchGet: {
        handler: (request) => getDocuments(request, batchGet, blobUrls),
        http: [
          route("batch/documents:batchGet", "post", "/v1/documents/batch-get"),
        ],
      },
    },
  };
}

interface DocumentsAnswer {
  readonly documents: MixpeekDocument[];
  readonly not_found: string[];
  /** over MQTT, the only property that says which request this answers */
  readonly requestId?: string;
}

async function getDocuments(
  request: KuzzleRequest,
  batchGet: BatchGetAction,
  blobUrls: BlobUrls | undefined,
): Promise<DocumentsAnswer> {
  const { result, isSeen } = await batchGet.read(request, parseRequest);
  assertFoundOrMissing(result);

  const signer = wantsUrls(request) ? blobUrls : undefined;
  const sign: SignUrl = signer?.forRequest() ?? (async () => null);
  const documents: MixpeekDocument[] = [];
  for (const document of result.documents) {
    const answered = await toMixpeekDocument(document, sign);
    documents.push(isSeen ? parsedWhenSeen(answered) : answered);
  }
  return rawResponse(request, {
    documents,
    not_found: result.missing.map(({ _id }) => _id),
    ...(request.context.connection.protocol === "mqtt" && {
      requestId: request.id,
    }),
  });
}

function parseRequest(request: KuzzleRequest): GetRequest {
  const index = namespaceOf(request);
  const asked = parseIds(new Arguments(request), "document_ids", { index });
  const [error] = asked.validationErrors;
  if (asked.requested > MAX_IDS) {
    throw invalid("document_ids", `a list of 1 to ${MAX_IDS} ids`);
  }
  if (error !== undefined) {
    const place = `document_ids[${error.position}]`;
    throw invalid(place, "a non-empty string of at most 512 bytes");
  }
  wantsUrls(request); // throws a 400 for an invalid value, before any document is read
  // from here on, pipes and rights see a request like any other
  request.input.args.index = index;
  return asked;
}

function namespaceOf(request: KuzzleRequest): string {
  const header: unknown = request.input.headers?.["x-namespace"];
  if (typeof header === "string" && header !== "") {
    return header;
  }
  const namespace = new Arguments(request).optionalName("namespace");
  if (namespace === undefined) {
    throw batchError("batch.request.missing", { place: "namespace" });
  }
  return namespace;
}

function wantsUrls(request: KuzzleRequest): boolean {
  return new Arguments(request, bodyOf(request)).flag("return_presigned_urls");
}

function invalid(place: string, expected: string): Error {
  return batchError("batch.request.invalid", { place, expected });
}
