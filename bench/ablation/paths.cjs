/**
 * The plugin's fast paths: where each is meant to help, and how to disable it in the
 * compiled plugin. Compiled modules look up each other's functions at call time, so the
 * plugin itself needs no switches.
 *
 * Call `withoutIt` before the plugin starts.
 */
const _ = require("lodash");

const lib = (file) => require(`../../dist/lib/${file}`);

/**
 * Not a path: another number of calls in flight before further ones wait to be merged.
 */
const merging = (callsBeforeMerging) => ({
  title: `small calls wait to be merged when ${callsBeforeMerging} are under way`,
  scenarios: ["L1", "L2", "L3", "L5"],
  withoutIt() {
    const dispatch = lib("core/dispatch/Lane");
    const { Lane } = dispatch;
    dispatch.Lane = class extends Lane {
      constructor(options, clock) {
        super({ ...options, callsBeforeMerging }, clock);
      }
    };
  },
});

module.exports.PATHS = {
  "merging-at-2": merging(2),
  "merging-at-8": merging(8),
  "turns-together": {
    title: "small calls of one turn go together, where one is under way",
    scenarios: ["L1", "L3", "L5"],
    withoutIt() {
      lib("core/dispatch/Lane").Lane.prototype.advanceWith = function () {
        this.advance();
      };
    },
  },
  "group-commit": {
    title: "small calls of many callers share calls to Elasticsearch",
    scenarios: ["L1", "L2", "L3", "L5"],
    withoutIt() {
      lib("core/dispatch/Lane").Lane.prototype.lineOf = () => undefined;
    },
  },
  "shared-profiles": {
    title:
      "a request's profiles are read once, and not for its rate limits again",
    scenarios: ["L2"],
    withoutIt() {
      lib("kuzzle/KuzzleAdapter").KuzzleAdapter.prototype.startSharingProfiles =
        () => undefined;
    },
  },
  "joined-profiles": {
    title: "requests that come together share a read of their profiles",
    scenarios: ["L1", "L2"],
    withoutIt() {
      lib("kuzzle/rights/joinedReads").joinedReads = (read) => read;
    },
  },
  "masks-by-engine": {
    title: "Elasticsearch applies a mask of a few names, and not the plugin",
    scenarios: ["mask-1024-10", "mask-1024-100", "mask-10240-200"],
    withoutIt() {
      lib("core/read/sourceMask").isForEngine = ({ kind }) => kind !== "fields";
    },
  },
  "pre-serialized": {
    title: "the whole answer of a batchGet is made text over HTTP",
    scenarios: ["L1", "ids-1000"],
    withoutIt() {
      lib("api/response/preSerializedResponse").canPreSerialize = () => false;
    },
  },
  "raw-sources": {
    title: "sources are passed on as Elasticsearch has sent them",
    scenarios: ["L1", "ids-1000"],
    withoutIt() {
      // answers are then parsed, and Kuzzle checks them like those of any plugin
      lib("api/response/resultCheck").isOnlyForClient = () => false;
    },
  },
  "result-check": {
    title: "answers skip Kuzzle's trial of a plugin's result",
    scenarios: ["L3", "L1-WebSocket"],
    withoutIt() {
      const check = lib("api/response/resultCheck");
      const { skipResultCheck } = check;
      check.skipResultCheck = (request, ...rest) => {
        const answer = skipResultCheck(request, ...rest);
        check.endResultCheck(request);
        return answer;
      };
    },
  },
  "two-calls": {
    title: "a long multi-get is cut into two calls, side by side",
    scenarios: ["ids-1000"],
    withoutIt() {
      lib("core/planning/planReads").planReadCalls = (
        _addresses,
        positions,
        maxCount,
      ) => _.chunk(positions, maxCount);
    },
  },
  "long-texts-as-bytes": {
    title: "large bulks and answers are put together as bytes",
    scenarios: ["L4", "ids-1000", "ids-10000"],
    withoutIt() {
      lib("core/joinTexts").joinTexts = (parts) => parts.join("");
    },
  },
};
