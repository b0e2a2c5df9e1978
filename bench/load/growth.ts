import { createCollection, expectCount, fill, type World } from "../world";
import { INDEX, stored } from "./asks";
import type { LoadScenario } from "./scenario";
import { httpSender } from "./senders";

const DOCUMENTS = 200;

/**
 * The same number of documents from more and more collections, by address: one
 * batchGet, compared with one concurrent mGet per collection.
 */
export async function overCollections(
  world: World,
  count: number,
): Promise<LoadScenario> {
  const names = Array.from({ length: count }, (_, i) => `of-many-${i}`);
  const each = DOCUMENTS / count;
  const documents = Array.from({ length: each }, (_, i) => stored(i));
  for (const collection of names) {
    await createCollection(world, INDEX, collection);
    await fill(world, INDEX, collection, documents);
  }
  const sender = await httpSender(world);
  const asked = names.flatMap((collection) =>
    documents.map(({ _id }) => ({ _id, collection })),
  );
  const ours = JSON.stringify({ documents: asked });
  const native = JSON.stringify({ ids: documents.map(({ _id }) => _id) });
  const { places } = world;
  return {
    id: `collections-${count}`,
    title: `batchGet of ${DOCUMENTS} in ${count} collections / as many mGet at once, HTTP`,
    callers: 1,
    variants: [
      {
        name: "ours",
        places,
        ask: async () =>
          expectCount(
            await sender.batch("batchGet", INDEX, String(names[0]), ours),
            '"_version"',
            DOCUMENTS,
          ),
      },
      {
        name: "native",
        places,
        ask: async () => {
          const answers = await Promise.all(
            names.map((name) => sender.native("mGet", INDEX, name, native)),
          );
          answers.forEach((answer) => expectCount(answer, '"_version"', each));
        },
      },
    ],
    close: () => sender.close(),
  };
}
