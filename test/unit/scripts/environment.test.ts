import should from "should";

import { redisUrl } from "../../../scripts/stack/engines/index";
import { parseRedisUrl } from "../../../scripts/stack/engines/environment";

describe("REDIS_URL", () => {
  const addresses = {
    "redis://redis": { host: "redis", port: 6379 },
    "redis://127.0.0.1:7000": { host: "127.0.0.1", port: 7000 },
    "redis://:p%40ss@redis:7000": {
      host: "redis",
      port: 7000,
      password: "p@ss",
    },
    "redis://me:secret@redis:7000": {
      host: "redis",
      port: 7000,
      username: "me",
      password: "secret",
    },
  };

  for (const [url, address] of Object.entries(addresses)) {
    it(`is read: ${url}`, () => {
      should(parseRedisUrl(url)).eql(address);
      should(parseRedisUrl(redisUrl(address))).eql(address);
    });
  }

  for (const url of ["redis", "localhost:6379", "http://redis:6379"]) {
    it(`is rejected, with its value: ${url}`, () => {
      should(() => parseRedisUrl(url)).throw(/REDIS_URL/);
    });
  }
});
