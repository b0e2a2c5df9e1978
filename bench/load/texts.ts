import { document } from "../data";
import { createCollection, expectCount, type World } from "../world";
import { INDEX } from "./asks";
import type { LoadScenario, LoadVariant } from "./scenario";
import { httpSender, type Sender } from "./senders";

/** Made beforehand, so that making them does not count. */
const BODIES = 20;

/** The same documents written as text and as bodies: `text-<bytes>-<callers>`. */
export async function asText(
  world: World,
  bytes: number,
  count: number,
  callers: number,
): Promise<LoadScenario> {
  await createCollection(world, INDEX, "texts");
  const sender = await httpSender(world);
  const { places } = world;
  return {
    id: `text-${bytes}-${callers}`,
    title: `mWrite of ${count} of ${bytes} bytes, \`json\` / \`body\`, HTTP`,
    callers,
    variants: [
      { ...variant(sender, "json", bytes, count), places },
      { ...variant(sender, "body", bytes, count), places },
    ],
    target: { rateAtLeast: 1 },
    close: () => sender.close(),
  };
}

function variant(
  sender: Sender,
  name: "json" | "body",
  bytes: number,
  count: number,
): Pick<LoadVariant, "name" | "ask"> {
  const bodies = Array.from({ length: BODIES }, (_, nth) => {
    const documents = Array.from({ length: count }, (__, i) => {
      const { _id, body } = document(`${name}-${nth}-${i}`, bytes, nth + i);
      return { _id, [name]: name === "json" ? JSON.stringify(body) : body };
    });
    return JSON.stringify({ documents });
  });
  return {
    name,
    ask: async (n) =>
      expectCount(
        await sender.batch(
          "mWrite",
          INDEX,
          "texts",
          bodies[n % BODIES] as string,
          { source: "false" },
        ),
        '"_version"',
        count,
      ),
  };
}
