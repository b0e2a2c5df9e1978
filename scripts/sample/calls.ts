import { INDEX } from "./places";

interface ExampleCall {
  readonly title: string;
  readonly answer: string;
  readonly method: string;
  readonly path: string;
  readonly body: object;
}

/** Example calls to paste, with their results on the sample data as loaded. */
const CALLS: readonly ExampleCall[] = [
  {
    title: "Three places of two collections, one of which does not exist",
    answer: '200: two documents, and not_found has europe\'s "xx-atlantis"',
    method: "POST",
    path: "_batchGet?source=name,location",
    body: {
      documents: [
        { _id: "fr-paris", collection: "europe" },
        { _id: "jp-tokyo", collection: "asia" },
        { _id: "xx-atlantis", collection: "europe" },
      ],
    },
  },
  {
    title: "The same without collections: looked up in the whole index",
    answer: "200: four documents, each with its collection, and one not_found",
    method: "POST",
    path: "_batchGet",
    body: {
      ids: [
        "ke-nairobi",
        "us-new-york-city",
        "au-sydney",
        "is-reykjavik",
        "xx-atlantis",
      ],
    },
  },
  {
    title: "A strict write with one invalid document",
    answer:
      "400: errors names documents[1], whose body is missing; neither is written",
    method: "POST",
    path: "europe/_mWrite?strict=true",
    body: {
      documents: [
        { _id: "my-first", body: { name: "First", country: "FR" } },
        { _id: "my-second" },
      ],
    },
  },
  {
    title: "The same with both documents valid",
    answer: "200: two successes, created the first time",
    method: "POST",
    path: "europe/_mWrite?strict=true",
    body: {
      documents: [
        { _id: "my-first", body: { name: "First", country: "FR" } },
        { _id: "my-second", body: { name: "Second", country: "FR" } },
      ],
    },
  },
  {
    title: "An update of two documents, one of which does not exist",
    answer: '200: one success, "updated", and one error, "not_found"',
    method: "PUT",
    path: "europe/_mUpdate?retryOnConflict=3",
    body: {
      documents: [
        { _id: "fr-paris", body: { elevation: 35 } },
        { _id: "xx-atlantis", body: { elevation: -3000 } },
      ],
    },
  },
];

export function exampleCalls(kuzzle: string): string {
  return CALLS.map((call) => {
    const url = `${kuzzle}/_/batch/${INDEX}/${call.path}`;
    return `# ${call.title}
#   answers ${call.answer}
curl -s -X${call.method} '${url}' \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(call.body)}'`;
  }).join("\n\n");
}
