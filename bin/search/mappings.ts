import type { ReliableConnection } from "../connection/ReliableConnection";
import type { Place } from "./searchIds";

export interface Properties {
  readonly [name: string]: { readonly properties?: Properties };
}

export interface Mappings {
  readonly properties?: Properties;
}

const GET_MAPPINGS = {
  controller: "collection",
  action: "getMapping",
  http: { method: "GET", path: "/:index/:collection/_mapping" },
} as const;

/** @throws ApiError without the right for `collection:getMapping` */
export async function mappingsOf(
  reliable: ReliableConnection,
  { index, collection }: Place,
): Promise<Mappings> {
  return (await reliable.call({
    ...GET_MAPPINGS,
    ...{ index, collection },
  })) as Mappings;
}
