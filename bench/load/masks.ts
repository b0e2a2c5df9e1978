import { document } from "../data";
import { createCollection, expectCount, fill, type World } from "../world";
import { INDEX } from "./asks";
import type { LoadScenario } from "./scenario";
import { httpSender } from "./senders";

/** Two fields of each document; `mGet` has no such option and returns all fields. */
export async function masked(
  world: World,
  bytes: number,
  count: number,
): Promise<LoadScenario> {
  const collection = `masked-${bytes}`;
  const documents = Array.from({ length: count }, (_, i) =>
    document(`document-${i}`, bytes, i),
  );
  await createCollection(world, INDEX, collection);
  await fill(world, INDEX, collection, documents);
  const sender = await httpSender(world);
  const body = JSON.stringify({ ids: documents.map(({ _id }) => _id) });
  const expect = (answer: Buffer): void =>
    expectCount(answer, '"_version"', count);
  const { places } = world;
  return {
    id: `mask-${bytes}-${count}`,
    title: `batchGet of ${count} of ${bytes} bytes, two fields / mGet, HTTP`,
    callers: 1,
    variants: [
      {
        name: "ours",
        places,
        ask: async () =>
          expect(
            await sender.batch("batchGet", INDEX, collection, body, {
              source: "title,count",
            }),
          ),
      },
      {
        name: "native",
        places,
        ask: async () =>
          expect(await sender.native("mGet", INDEX, collection, body)),
      },
    ],
    close: () => sender.close(),
  };
}
