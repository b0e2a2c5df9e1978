/** The launcher passes the addresses of the stack in the environment. */

function fromEnvironment(name: string, fallback: string): string {
  const value = process.env[name];

  return value === undefined || value === "" ? fallback : value;
}

export const environment = {
  kuzzleHost: fromEnvironment("TEST_KUZZLE_HOST", "localhost"),
  kuzzlePort: Number(fromEnvironment("TEST_KUZZLE_PORT", "7512")),
  kuzzleLog: fromEnvironment("TEST_KUZZLE_LOG", ".stack/kuzzle.log"),
  mqttPort: Number(fromEnvironment("TEST_KUZZLE_MQTT_PORT", "1883")),
  elasticsearchUrl: fromEnvironment(
    "TEST_ELASTICSEARCH_URL",
    "http://localhost:9200",
  ),
  redisUrl: fromEnvironment("TEST_REDIS_URL", "redis://localhost:6379"),
};

export const kuzzleUrl = `http://${environment.kuzzleHost}:${environment.kuzzlePort}`;
