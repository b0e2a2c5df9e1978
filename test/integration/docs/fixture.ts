/** What the documentation's requests find: the index `world`, and a user with all rights. */
import {
  adminJwt,
  allowAnonymous,
  asAdmin,
  createCollection,
  releaseCollection,
} from "../../../features/support/kuzzle";
import { query } from "../../../features/support/transports";
import { askEngine } from "../../../features/support/engine";
import type { Directive, Page } from "./markdown";

type Sources = Record<string, object>;

const COLLECTIONS: Record<string, Sources> = {
  "world:europe": {
    "de-berlin": { name: "Berlin", country: "DE" },
    "fr-paris": { name: "Paris", country: "FR" },
  },
  "world:africa": { "eg-cairo": { name: "Cairo", country: "EG" } },
};

/** Values of `<placeholders>`, unless the page defines others. */
const PLACEHOLDERS: Record<string, string> = {
  index: "world",
  collection: "europe",
  anotherCollection: "africa",
  documentId: "de-berlin",
  anotherDocumentId: "xx-atlantis",
  field: "name",
  anotherField: "country",
};

/** The user of the pages' logins, with the rights of an administrator. */
export const USER = { username: "ada", password: "analytical-engine" };

/** Creates the collections and the user for all pages. @returns the user's token */
export async function openWorld(): Promise<string> {
  await allowAnonymous({ "*": ["*"] });
  await asAdmin({
    controller: "security",
    action: "createUser",
    _id: USER.username,
    body: { content: { profileIds: ["admin"] }, credentials: { local: USER } },
    refresh: "wait_for",
  });
  for (const address of Object.keys(COLLECTIONS)) {
    await createCollection(address);
  }
  const { result } = await asAdmin({
    controller: "security",
    action: "createApiKey",
    userId: USER.username,
    body: { description: "docs" },
    refresh: "wait_for",
  });
  return (result as { _source: { token: string } })._source.token;
}

export async function closeWorld(): Promise<void> {
  for (const address of Object.keys(COLLECTIONS)) {
    await releaseCollection(address, false);
  }
  await remove("user", USER.username);
  await allowAnonymous({});
}

/** @param kind user, profile or role; it need not exist */
async function remove(kind: string, _id: string): Promise<void> {
  const action = `delete${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  await query({
    ...{ controller: "security", action, _id },
    refresh: "wait_for",
    jwt: adminJwt(),
  });
}

/** The data that a page finds. */
export class Fixture {
  private readonly seeds: Record<string, Sources>;
  private readonly made: readonly string[];
  readonly placeholders: Record<string, string>;
  private keys = 0;
  jwt = "";

  /**
   * Directives of the page: `seed index:collection { id: source }`, `where name=value`, and
   * `leaves kind:id`, which is deleted at the end.
   */
  constructor(page: Page) {
    this.seeds = structuredClone(COLLECTIONS);
    for (const { rest } of named(page, "seed")) {
      const [address = "", json] = split(rest);
      this.seeds[address] = {
        ...this.seeds[address],
        ...(JSON.parse(json) as Sources),
      };
    }
    this.made = named(page, "leaves").flatMap(({ rest }) => rest.split(/\s+/));
    const own = named(page, "where").flatMap(({ rest }) => rest.split(/\s+/));
    this.placeholders = {
      ...PLACEHOLDERS,
      ...Object.fromEntries(
        own.map((each) => each.split("=") as [string, string]),
      ),
    };
  }

  async open(jwt: string): Promise<void> {
    this.jwt = jwt;
    await this.removeMade();
    for (const address of this.ownCollections())
      await createCollection(address);
  }

  async close(): Promise<void> {
    await this.removeMade();
    for (const address of this.ownCollections()) {
      await releaseCollection(address, false);
    }
  }

  private ownCollections(): string[] {
    return Object.keys(this.seeds).filter((each) => !(each in COLLECTIONS));
  }

  private async removeMade(): Promise<void> {
    for (const each of this.made) {
      const [kind = "", id = ""] = each.split(":");
      await remove(kind, id);
    }
  }

  /** Resets all documents. */
  async restore(): Promise<void> {
    await Promise.all(
      Object.entries(this.seeds).map(([address, sources]) =>
        restoreCollection(address, sources),
      ),
    );
  }

  /** A request as its reader would fill it in. Keys are always new ones. */
  fillIn(text: string): string {
    return text
      .replace(/<key>/g, () => `key-${Date.now()}-${this.keys++}`)
      .replace(/<(?:token|API key|token or API key)>/g, this.jwt)
      .replace(
        /<([a-zA-Z]+)>/g,
        (whole, name: string) => this.placeholders[name] ?? whole,
      );
  }

  /** A response with the page's own placeholders filled in; unknown ones remain wildcards. */
  fillInShown(text: string): string {
    return text.replace(
      /<([a-zA-Z]+)>/g,
      (whole, name: string) => this.placeholders[name] ?? whole,
    );
  }
}

async function restoreCollection(
  address: string,
  sources: Sources,
): Promise<void> {
  const [index = "", collection = ""] = address.split(":");
  const path = `/${encodeURIComponent(`@&${index}.${collection}`)}`;
  await askEngine("POST", `${path}/_refresh`);
  await askEngine(
    "POST",
    `${path}/_delete_by_query?refresh=true&conflicts=proceed`,
    { query: { match_all: {} } },
  );
  const documents = Object.entries(sources).map(([_id, body]) => ({
    _id,
    body,
  }));
  if (documents.length === 0) return;
  await asAdmin({
    ...{ controller: "bulk", action: "mWrite", index, collection },
    body: { documents },
  });
}

function named(page: Page, name: string): Directive[] {
  return page.directives.filter((each) => each.name === name);
}

function split(text: string): [string, string] {
  const end = text.search(/\s/);
  return [text.slice(0, end), text.slice(end)];
}
