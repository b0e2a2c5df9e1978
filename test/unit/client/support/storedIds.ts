import { FakeSdk } from "./FakeSdk";

/** `d0`… in the collection `c` of the index `i`. */
export function sdkWith(
  count: number,
  limits: ConstructorParameters<typeof FakeSdk>[0] = {},
): FakeSdk {
  const sdk = new FakeSdk(limits);
  for (let n = 0; n < count; n++) {
    sdk.plugin.state.set(`i/c/d${n}`, { n });
  }
  return sdk;
}

export const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `d${n}`);

export const idsOf = (list: readonly { readonly _id: string }[]): string[] =>
  list.map(({ _id }) => _id);
