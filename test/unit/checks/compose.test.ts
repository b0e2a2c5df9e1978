import should from "should";

import { composeProblems } from "../../../scripts/checks/compose";

const sound = `
services:
  engine:
    image: elasticsearch:7.10.2
    ports: ["9200", "127.0.0.1:9201:9200", 9300, "6060:6060/udp", "\${PORT:-7512}:7512", "\${A}:\${B:?}"]
    environment:
      - discovery.type=single-node
    healthcheck:
      test: ["CMD", "curl", "-f", "localhost:9200"]
      interval: 2s
      timeout: 1m30s
    ulimits: { nofile: 65536 }
  kuzzle:
    build: { context: .., dockerfile: docker/Dockerfile }
    depends_on:
      engine: { condition: service_healthy }
volumes:
  data: {}
`;

describe("the check of compose files", () => {
  it("accepts a valid file", () => {
    should(composeProblems(sound)).eql([]);
  });

  const broken: [what: string, text: string, names: RegExp][] = [
    ["what is not YAML", "services: [", /not YAML/],
    ["a file without services", "volumes: {}", /no services/],
    [
      "a key that the specification does not know",
      sound.replace("image:", "imagee:"),
      /services\/engine.*imagee/,
    ],
    [
      "a value of the wrong type",
      sound.replace("image: elasticsearch:7.10.2", "image: 7"),
      /services\/engine\/image must be string/,
    ],
    [
      "a condition that does not exist",
      sound.replace("service_healthy", "service_well"),
      /depends_on/,
    ],
    [
      "a port that is none",
      sound.replace('"9200"', '"ninety"'),
      /services\/engine\/ports/,
    ],
    [
      "a length of time that is none",
      sound.replace("interval: 2s", "interval: soon"),
      /services\/engine\/healthcheck\/interval/,
    ],
  ];

  for (const [what, text, names] of broken) {
    it(`reports ${what}`, () => {
      should(composeProblems(text).join("\n")).match(names);
    });
  }
});
