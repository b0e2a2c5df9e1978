import type { Address } from "../../types";

/** @returns each collection once, with its index */
export function placesOf(
  index: string,
  addresses: readonly Address[],
): readonly string[] {
  const collections = new Set(addresses.map(({ collection }) => collection));
  return Array.from(collections, (collection) => `${index}/${collection}`);
}
