import DataLoader from "dataloader";

import { groupBy } from "../../lib/core/groupBy";
import { BatchError } from "../errors/BatchError";
import { documentError } from "../errors/documentError";
import type {
  BatchGetResult,
  FoundDocument,
  GetOptions,
  Loader,
  LoaderOptions,
  RequestedDocument,
  Source,
} from "../types";
import { isAboutOneCollection } from "../transport/errorClassifier";

interface Key {
  readonly index: string;
  readonly collection: string;
  readonly _id: string;
}

/** Options that callers may choose for the requests. */
type LoadOptions = LoaderOptions & Pick<GetOptions, "retryForMs" | "signal">;

/** A document, null if it does not exist, or why it could not be read. */
export type Loaded = FoundDocument | null | Error;

/** The part of the controller that a loader needs. */
export interface Getter {
  batchGet(
    index: string,
    requested: Iterable<RequestedDocument>,
    options?: GetOptions,
  ): Promise<BatchGetResult>;
}

export function openLoader(getter: Getter, options: LoaderOptions): Loader {
  const loader = new DataLoader<Key, FoundDocument | null, string>(
    async (keys) => {
      const loaded = await loadAll(getter, keys, options);
      // errors are not cached: the next get retries
      keys.forEach((key, i) => {
        if (loaded[i] instanceof Error) loader.clear(key);
      });
      return loaded;
    },
    { cacheKeyFn: textOf },
  );

  return {
    get: <T extends object = Source>(
      index: string,
      collection: string,
      _id: string,
    ) =>
      loader.load({
        index,
        collection,
        _id,
      }) as Promise<FoundDocument<T> | null>,
    clear: (index?: string, collection?: string, _id?: string) => {
      if (index === undefined) {
        loader.clearAll();
      } else {
        loader.clear({ index, collection, _id } as Key);
      }
    },
  };
}

/** Sends one batchGet per index. @returns the results in the order of the keys */
export async function loadAll(
  getter: Getter,
  keys: readonly Key[],
  options: LoadOptions,
): Promise<Loaded[]> {
  const loaded = new Map<string, Loaded>();
  await Promise.all(
    [...groupBy(keys, ({ index }) => index)].map(async ([index, group]) => {
      for (const [key, value] of await loadIndex(
        getter,
        index,
        group,
        options,
      )) {
        loaded.set(key, value);
      }
    }),
  );
  return keys.map((key) => loaded.get(textOf(key)) ?? missing(key, options));
}

type Entries = ReadonlyMap<string, Loaded>;

async function loadIndex(
  getter: Getter,
  index: string,
  keys: readonly Key[],
  options: LoadOptions,
): Promise<Entries> {
  const { strict: _ofEachDocument, ...documentsOnly } = options;
  const requested = keys.map(({ _id, collection }) => ({ _id, collection }));
  try {
    const { documents, errors } = await getter.batchGet(
      index,
      requested,
      documentsOnly,
    );
    return new Map<string, Loaded>([
      ...documents.map((each) => [textOf(each), each] as const),
      ...errors.map((each) => {
        const key = keys[each.position] as Key;
        return [textOf(key), documentError(each)] as const;
      }),
    ]);
  } catch (error) {
    const byCollection = groupBy(keys, ({ collection }) => collection);
    if (byCollection.size > 1 && isAboutOneCollection(error)) {
      const parts = await Promise.all(
        [...byCollection.values()].map((group) =>
          loadIndex(getter, index, group, options),
        ),
      );
      return new Map(parts.flatMap((part) => [...part]));
    }
    return new Map(keys.map((key) => [textOf(key), error as Error]));
  }
}

function missing(key: Key, { strict = false }: LoaderOptions): Loaded {
  return strict
    ? new BatchError(`The document ${textOf(key)} does not exist.`, {
        id: "batch.get.incomplete",
        status: 404,
      })
    : null;
}

function textOf({ index, collection, _id }: Key): string {
  return JSON.stringify([index, collection, _id]);
}
