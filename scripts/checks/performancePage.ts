/** @param results as written by `npm run bench`; undefined if it has not been run */
export function performancePage(results: string | undefined): string {
  const [, ...lines] = results?.trim().split("\n") ?? [];
  return `---
code: false
type: page
title: Performance
order: 400
---

# Performance

<!-- The tables are generated from bench/results/latest.md by scripts/checks/docs.ts: do not edit by hand. -->

This page compares the plugin's actions with Kuzzle's own and with Elasticsearch itself, as measured by \`npm run bench\` on one machine.
Absolute times depend on the machine. The **ratios** depend on it much less: compare those.

---

## What makes requests fast or slow

- **Documents per request.** Every request has a fixed cost: rights, routing, at least one call to Elasticsearch. The more documents share this cost, the better. Programs that read single documents gain the most if they use the [client's loader](../../guides/client/index.md#load-single-documents).
- **Responses that are passed through.** Over HTTP, WebSocket and MQTT, batchGet forwards the documents as Elasticsearch sent them, without parsing them, unless a [pipe](../../guides/pipes/index.md) or hook listens to \`document:afterMGet\` or \`generic:document:afterGet\`. Over HTTP, the plugin also writes the whole response itself, which Kuzzle would otherwise serialize twice. It does so if no pipe or hook listens to \`batch:afterBatchGet\`, \`request:onSuccess\` or \`request:afterExecution\`, the request does not ask for \`pretty\`, and Kuzzle's access log is off.
- **\`source\`** leaves out fields that you do not need: they are neither sent nor read.
- **\`source=false\`** of mWrite leaves the documents out of the response.
- **\`refresh=wait_for\`** waits for Elasticsearch's next refresh, up to a second.
- **\`strict\`** costs one more call to Elasticsearch per request: it reads the collection's current mapping and validates each document against it.
- **\`atomic\`** makes five calls to Elasticsearch instead of one: it reads the mapping (of each collection) and the documents, writes a journal, writes the documents, and marks the journal as committed.
- **An idempotency key** costs two calls to Redis per request.

---

## Latest results

${lines.length > 0 ? lines.join("\n").trim() : "None yet."}

The repository has these results in \`bench/results\`: as pictures (\`ratios.svg\`; \`callers.svg\` has the rates by callers, the times by rates and how they grow with documents and collections) and with all figures (\`latest.json\`).

---

## What each fast path brings

\`npm run bench -- --ablation all --rounds 4\` compares the plugin with one that lacks a fast path, on the same servers and in turns. Each figure is the plugin's rate divided by the rate without the path; the last column compares the CPU time of Kuzzle for one request.

| fast path | scenario | rate | CPU time |
| --- | --- | ---: | ---: |
| small calls of many callers share calls to Elasticsearch | L1 | 1.09 | 0.79 |
| | L2 | 1.38 | 0.70 |
| | L3 | 1.32 | 0.71 |
| | L5 | 1.43 | 0.64 |
| small calls of one turn of the event loop are sent together | L1 | 1.09 | 0.85 |
| | L3 | 1.11 | 0.86 |
| | L5 | 1.19 | 0.89 |
| a request's profiles are read once, and not again for its rate limits | L2 | 1.62 | 0.63 |
| requests that arrive together share a read of their profiles | L1 | 1.06 | 0.81 |
| | L2 | 1.23 | 0.80 |
| the response of \`batchGet\` is serialized once | L1 | 1.06 | 1.00 |
| | ids-1000 | 0.98 | 0.94 |
| sources are passed on as Elasticsearch has sent them | L1 | 0.99 | 1.02 |
| | ids-1000 | 1.10 | 0.90 |
| Kuzzle does not serialize the response once more to check it | L3 | 1.10 | 0.95 |
| | L1-WebSocket | 1.06 | 0.80 |
| a long multi-get is split into two parallel calls | ids-1000 | 1.00, median time 0.93 | 0.81 |
| large bulks and responses are assembled as bytes | L4 | 1.18 | 0.82 |
| | ids-1000 | 1.01 | 0.92 |
| | ids-10000 | 1.08 | 0.81 |
| Elasticsearch applies masks of a few names | mask-1024-10 | 0.88 | 0.90 |
| | mask-1024-100 | 0.72 | 0.68 |
| | mask-10240-200 | 1.24 | 0.30 |

Masks are left to Elasticsearch although that is slower for small documents on one machine: the plugin does not know the size of documents before it has read them, and would have to load all of large documents for a few fields. With \`-- --ablation masks-by-engine --latency 1 --bandwidth 1000\` (1 ms and 1 Gbit/s between Kuzzle and Elasticsearch), the same rates are 0.87, 0.86 and 2.50; with 5 ms and 100 Mbit/s, they are 1.02, 1.54 and 7.23.

Small calls wait to be merged when four are under way. With two, the rate is between 0.96 and 1.12 of that (L1, L2, L3, L5), with eight between 0.88 and 1.06. Counting metrics in bursts brought 2 % and was removed.

kuzzle-plugin-prometheus listens to an event of every response, so that responses can be neither serialized by the plugin nor exempted from Kuzzle's check. With it, the plugin's rate is 0.79 (L1), 0.96 (L2), 0.97 (L3) and 1.07 (L5) of that without it, and Kuzzle's own 0.99, 1.01, 0.99 and 1.10: that leaves 1.01, 1.40, 1.41 and 1.69 of Kuzzle's rate.

## What stands in the way of the other targets

\`npm run bench -- --scenario B7\` repeats one scenario, and \`npm run bench -- --profile --scenario B7\` prints the functions in which Kuzzle spends its time during it.

- **B2**: Elasticsearch needs 0.21 of the ten calls in sequence, and Kuzzle receives and sends 1 MB in the rest of the time.
- **B4**: Elasticsearch's own call with this mask takes 0.61 of native \`mGet\`, and the target is 0.45. Only because the plugin splits the call does it reach 0.54.
- **B5-1**: 0.97 in the run before, 1.02 in this one. Both need one call to Elasticsearch and one read of the user's profile.
- **B6**: two runs reached 1.18. See the profile below: most of the time is spent on sockets and on the garbage that 100 KB in and 100 KB out leave.
- **B7**, **B9** and **mixed-200**: with the same body, Kuzzle needs 2.4, 1.2 and 2.9 ms to answer \`server:now\` (it reads and parses up to 200 KB, and opens and closes a connection). Elasticsearch needs 5.5, 4.7 and 6.7 ms for the bulk (the last with the metadata that native actions write, the line \`engine, as Kuzzle has it\`). The sum is 0.92 of native \`mWrite\` (target 0.85), 0.63 of native \`mUpdate\` (target 0.75), and 1.63 of the engine's bulk without metadata (target 1.5). No plugin can do B7 and mixed-200; in B9, its own 1.9 ms for 200 updates would have to become 1.1.
- **B12**: one native \`mGet\` of the same documents, which is the least that a loader can send, takes 0.11 and 0.13 of 100 single gets (target 0.1).

The top of the profiles of B6 (for 100 documents; 56,192 µs for 64 requests) and of B3, before and after loops and lodash replaced JavaScript's slow \`flatMap\` and iterators (20,000 lookups of one request). The times are microseconds of a request:

| B6 | µs | B3 | before | after |
| --- | ---: | --- | ---: | ---: |
| garbage collector | 139 | garbage collector | 5,916 | 5,316 |
| \`tryEnd\`: the response is written to its socket | 79 | \`unreadOf\` | 1,481 | below 250 |
| \`writev\`: the request is written to its socket | 53 | \`getMany\` | 1,260 | below 250 |
| V8 and Node themselves | 43 | \`multiGetRequest\` | 1,189 | below 250 |
| \`endOfValue\`: sources are found in the response | 30 | \`serialize\` of the Elasticsearch client | 827 | 885 |
| \`readMember\`: the rest of the response is read | 30 | \`sendCallWithRetries\` | 533 | below 250 |
| \`writeUtf8String\`: commands to Redis | 26 | \`planReads\` | 406 | 267 |

What else was tried: more and smaller calls for a long read (B1 0.75 instead of 0.72 of native, B2 0.41 instead of 0.39, B4 0.64 instead of 0.54: not kept), merging only calls of up to 50 documents instead of 100 (B6 845 requests/s instead of 910: not kept), and in earlier versions bulks and responses as bytes instead of text (kept) and fewer promises (kept: 48 instead of 67 for a small request).

---

## How the benchmark works

- Everything runs on one machine: Elasticsearch, Redis, Kuzzle in production mode and the client. They compete for its processors. On a real cluster requests are faster, and Kuzzle's share of the time is smaller.
- The variants that are compared take turns, round by round, so that a machine that slows down affects all of them alike.
- The table compares medians of many rounds and shows the 99th percentile.

To run it on your machine, in a clone of the repository:

\`\`\`bash
npm run bench
\`\`\`
`;
}
