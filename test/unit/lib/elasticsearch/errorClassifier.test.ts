import should from "should";

import {
  callFailure,
  responseFailure,
  itemFailure,
  type CallKind,
} from "../../../../lib/elasticsearch/errorClassifier";
import type { FailureCode } from "../../../../lib/types";

type Row = [
  type: string,
  status: number | undefined,
  expected: [FailureCode, number, boolean],
];

/** The same for reads and writes. */
const ROWS: Row[] = [
  ["document_missing_exception", 404, ["not_found", 404, false]],
  ["mapper_parsing_exception", 400, ["mapping", 400, false]],
  ["document_parsing_exception", 400, ["mapping", 400, false]],
  ["strict_dynamic_mapping_exception", 400, ["mapping", 400, false]],
  ["illegal_argument_exception", 400, ["invalid", 400, false]],
  ["action_request_validation_exception", 400, ["invalid", 400, false]],
  ["es_rejected_execution_exception", 429, ["rejected", 429, true]],
  ["circuit_breaking_exception", 429, ["rejected", 429, true]],
  // the engine's own status for a read-only index, which is not temporary
  ["cluster_block_exception", 403, ["unavailable", 403, false]],
  // a disk that is nearly full
  ["cluster_block_exception", 429, ["unavailable", 429, true]],
  ["index_closed_exception", 400, ["unavailable", 400, false]],
  ["index_not_found_exception", 404, ["unavailable", 404, false]],
  // items of a multi-get have no status of their own
  ["index_closed_exception", undefined, ["unavailable", 400, false]],
  ["index_not_found_exception", undefined, ["unavailable", 404, false]],
  ["circuit_breaking_exception", undefined, ["rejected", 429, true]],
  // an unknown error
  ["a_new_exception", undefined, ["other", 500, false]],
  ["a_new_exception", 400, ["invalid", 400, false]],
  ["a_new_exception", 413, ["too_large", 413, false]],
  ["a_new_exception", 429, ["rejected", 429, true]],
  ["a_new_exception", 502, ["other", 502, false]],
  ["toString", 500, ["other", 500, false]],
];

/** For a write it may be the response to the engine's second attempt. */
const UNAVAILABLE: Array<[type: string, status: number | undefined]> = [
  ["unavailable_shards_exception", 503],
  ["no_shard_available_action_exception", 503],
  ["no_shard_available_action_exception", undefined],
  ["process_cluster_event_timeout_exception", 503],
  ["cluster_block_exception", 503],
  ["a_new_exception", 503],
];

const LOST_NODES = [
  "node_disconnected_exception",
  "node_not_connected_exception",
  "node_closed_exception",
  "connect_transport_exception",
  "receive_timeout_transport_exception",
];

describe("itemFailure", () => {
  for (const [type, status, [code, finalStatus, retryable]] of ROWS) {
    it(`[R9] ${type} (${status ?? "no status"}) is ${code}, ${finalStatus}`, () => {
      for (const kind of ["read", "write"] as const) {
        should(itemFailure({ type, reason: "why" }, status, kind, true)).eql({
          status: finalStatus,
          code,
          reason: "why",
          retryable,
        });
      }
    });
  }

  for (const [type, status] of UNAVAILABLE) {
    it(`[R9, W6] ${type} (${status ?? "no status"}): a read may be repeated, the outcome of a write is unknown`, () => {
      should(itemFailure({ type }, status, "read", true)).containEql({
        code: "unavailable",
        status: 503,
        retryable: true,
      });
      should(itemFailure({ type }, status, "write", true)).containEql({
        code: "unknown_outcome",
        status: 503,
        retryable: false,
      });
    });
  }

  it("[R9] a conflict is retryable where no condition was broken", () => {
    const conflict = (passes: boolean) =>
      itemFailure(
        { type: "version_conflict_engine_exception", reason: "why" },
        409,
        "write",
        passes,
      );
    should(conflict(true)).containEql({
      code: "version_conflict",
      status: 409,
      retryable: true,
    });
    should(conflict(false)).containEql({ retryable: false });
  });

  for (const type of LOST_NODES) {
    it(`[R10] ${type}: the outcome of a write is unknown, a read may be repeated`, () => {
      should(itemFailure({ type }, 503, "write", true)).containEql({
        code: "unknown_outcome",
        status: 500,
        retryable: false,
      });
      should(itemFailure({ type }, 500, "read", true)).containEql({
        code: "unavailable",
        status: 503,
        retryable: true,
      });
    });
  }

  it("[R9] never reads the message", () => {
    const reason =
      "version_conflict_engine_exception: rejected, document_missing_exception";
    should(itemFailure({ reason }, 400, "write", true)).containEql({
      code: "invalid",
      reason,
    });
  });

  it("has words where the engine has none", () => {
    should(itemFailure({}, undefined, "read", false)).eql({
      status: 500,
      code: "other",
      reason: "Elasticsearch gave no reason.",
      retryable: false,
    });
  });
});

describe("callFailure", () => {
  function clientError(name: string): Error {
    return Object.assign(new Error(`the client's own words: ${name}`), {
      name,
    });
  }

  const LOST = [
    "ConnectionError",
    "TimeoutError",
    "RequestAbortedError",
    "BrokenAnswer",
    "SyntaxError",
  ];
  for (const name of LOST) {
    it(`[R10] ${name}: the outcome of a write is unknown`, () => {
      const { failure, retryable } = callFailure(clientError(name), "write");
      should(failure).containEql({ code: "unknown_outcome", retryable: false });
      should(retryable).be.false();
    });
  }

  it("[R9] no node that lives: nothing was sent, not even of a write", () => {
    for (const kind of ["read", "write"] as CallKind[]) {
      const { failure, retryable } = callFailure(
        clientError("NoLivingConnectionsError"),
        kind,
      );
      should(failure).containEql({ code: "unavailable", status: 503 });
      should(retryable).be.false();
    }
  });

  it("throws what is not the engine's own", () => {
    for (const error of [
      clientError("ConfigurationError"),
      clientError("SerializationError"),
      new TypeError("a mistake of ours"),
      "no error at all",
    ]) {
      let thrown: unknown;
      try {
        callFailure(error, "write");
      } catch (caught) {
        thrown = caught;
      }
      should(thrown).equal(error);
    }
  });

  it("[R9] makes do with a body of any shape", () => {
    for (const body of [undefined, null, "text", { error: "text" }, []]) {
      const { failure } = responseFailure(400, body, "read");
      should(failure).containEql({ status: 400, code: "invalid" });
    }
  });
});
