import defaultConfig from "kuzzle/dist/lib/config/default.config";

/**
 * Makes something the running Kuzzle, for code that uses the global.
 *
 * @returns a function that removes it again
 */
export function becomeKuzzle(
  kuzzle: object,
  config: object = defaultConfig,
): () => void {
  const before = Reflect.getOwnPropertyDescriptor(global, "kuzzle");
  Reflect.defineProperty(global, "kuzzle", {
    configurable: true,
    value: Object.assign(kuzzle, { config }),
  });
  return () => {
    Reflect.defineProperty(global, "kuzzle", before as PropertyDescriptor);
  };
}
