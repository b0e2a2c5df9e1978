import _ from "lodash";

import type { GetError } from "../../types";
import { RawSource } from "../RawSource";
import type { GetLists, RequestedDocument } from "../commands";
import type { FoundDocument } from "../documents";

/**
 * Keeps a response within a size limit. Documents are only measured if everything that
 * the engine sent might exceed it.
 */
export class ResponseBudget {
  private usedBytes = 0;
  /** there may not be room for everything */
  readonly measures: boolean;

  /** @param receivedBytes undefined if the engine did not say */
  constructor(
    private readonly maxBytes: number,
    receivedBytes: number | undefined,
  ) {
    this.measures = receivedBytes === undefined || receivedBytes > maxBytes;
  }

  /**
   * @returns the lists that fit, or undefined if they have to wait for another
   * response. A document that could never fit becomes an error, and so do documents of
   * one id that do not fit into a response of their own
   */
  admit(answer: GetLists, asked: RequestedDocument): GetLists | undefined {
    if (!this.measures || answer.documents.length === 0) {
      return answer;
    }
    const sizes = answer.documents.map(sizeOf);
    const wanted = _.sum(sizes.filter((size) => size <= this.maxBytes));
    if (this.usedBytes > 0 && this.usedBytes + wanted > this.maxBytes) {
      return undefined;
    }
    const documents: FoundDocument[] = [];
    const errors = [...answer.errors];
    answer.documents.forEach((document, i) => {
      const size = sizes[i] as number;
      if (this.usedBytes + size <= this.maxBytes) {
        this.usedBytes += size;
        documents.push(document);
      } else {
        errors.push(tooLarge(document, asked, size, this.maxBytes));
      }
    });
    return { ...answer, documents, errors };
  }
}

function sizeOf(document: FoundDocument): number {
  const { _source, ...rest } = document;
  return _source instanceof RawSource
    ? sizeOf({ ...rest, _source: {} }) - EMPTY_SOURCE_BYTES + _source.length
    : Buffer.byteLength(JSON.stringify(document));
}

const EMPTY_SOURCE_BYTES = 2;

function tooLarge(
  { _id, collection }: FoundDocument,
  { position }: RequestedDocument,
  size: number,
  maxBytes: number,
): GetError {
  return {
    _id,
    collection,
    position,
    status: 413,
    code: "too_large",
    reason: `The document takes ${size} bytes, but a response may have at most ${maxBytes}.`,
    retryable: false,
  };
}
