import _ from "lodash";

import { configError } from "../../errors";
import type { AllowedPrefix, PresignSettings } from "../../types";

/** The settings, completed with the defaults. */
export interface PresignConfig extends Required<
  Omit<PresignSettings, "endpoint">
> {
  /** undefined: the endpoint of AWS */
  readonly endpoint: string | undefined;
}

interface PresignSetting {
  /** undefined: see the description */
  readonly default?: unknown;
  readonly allowed: string;
  readonly isAllowed: (value: unknown) => boolean;
  readonly description: string;
}

/** Anybody who sees such a URL can use it, so it has to be short-lived. */
const MAX_EXPIRY_SECONDS = 3_600;

/**
 * Every setting of `plugins.batch.presign`: the only source of the defaults, the
 * validation and the docs page. Credentials are not settings: the AWS SDK finds them
 * itself, and they never enter Kuzzle's configuration, which `server:getConfig` shows.
 */
export const PRESIGN_SETTINGS = {
  allow: {
    allowed:
      "a list of one or more { index, collection, bucket, prefix }; the prefix is empty or ends with a slash",
    isAllowed: (value) =>
      Array.isArray(value) && value.length > 0 && value.every(isAllowedPrefix),
    description:
      "Required. Which objects may be signed for the documents of which collection. Limit this, because whoever can write a document chooses the key in it.",
  },
  endpoint: {
    allowed: "an http or https URL without user, password and query",
    isAllowed: isEndpoint,
    description: "Endpoint of an S3-compatible storage. Leave it out for AWS.",
  },
  region: {
    default: "us-east-1",
    allowed: "a non-empty string",
    isAllowed: isText,
    description: "Region of the storage.",
  },
  pathStyle: {
    default: false,
    allowed: "true or false",
    isAllowed: (value) => typeof value === "boolean",
    description:
      "Puts the bucket into the URL's path instead of its host. Most storages other than AWS need it.",
  },
  expiresInSeconds: {
    default: 300,
    allowed: `a whole number from 1 to ${MAX_EXPIRY_SECONDS}`,
    isAllowed: (value) =>
      Number.isInteger(value) &&
      Number(value) >= 1 &&
      Number(value) <= MAX_EXPIRY_SECONDS,
    description: "How long a signed URL is valid.",
  },
  maxUrls: {
    default: 1_000,
    allowed: "a whole number from 1 to 100000",
    isAllowed: (value) =>
      Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 100_000,
    description:
      "How many different objects are signed for one request. `presigned_url` is null for all others: request fewer documents at a time.",
  },
} as const satisfies Record<keyof PresignConfig, PresignSetting>;

const PLACE = "plugins.batch.presign";

/**
 * @returns undefined if nothing is configured
 * @throws {BatchError} `batch.config.invalid`
 */
export function readPresign(given: unknown): PresignConfig | undefined {
  if (given === undefined) {
    return undefined;
  }
  if (!_.isPlainObject(given)) {
    throw configError(PLACE, given, "an object");
  }
  const values = given as Record<string, unknown>;
  const unknown = Object.keys(values).find(
    (name) => !Object.hasOwn(PRESIGN_SETTINGS, name),
  );
  if (unknown !== undefined) {
    const known = Object.keys(PRESIGN_SETTINGS).join(", ");
    // the value of an unknown setting may be a secret
    throw configError(`${PLACE}.${unknown}`, HIDDEN, `one of ${known}`);
  }
  return Object.fromEntries(
    Object.entries<PresignSetting>(PRESIGN_SETTINGS).map(([name, setting]) => [
      name,
      readSetting(name, setting, values[name]),
    ]),
  ) as unknown as PresignConfig;
}

const HIDDEN = "(not shown)";

function readSetting(
  name: string,
  { default: fallback, allowed, isAllowed }: PresignSetting,
  value: unknown,
): unknown {
  if (value === undefined && name !== "allow") {
    return fallback;
  }
  if (!isAllowed(value)) {
    const shown = hasPassword(value) ? HIDDEN : value;
    throw configError(`${PLACE}.${name}`, shown, allowed);
  }
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isAllowedPrefix(value: unknown): boolean {
  if (!_.isPlainObject(value)) {
    return false;
  }
  const { index, collection, bucket, prefix, ...rest } =
    value as Partial<AllowedPrefix>;
  return (
    [index, collection, bucket].every(isText) &&
    typeof prefix === "string" &&
    (prefix === "" || prefix.endsWith("/")) &&
    _.isEmpty(rest)
  );
}

function isEndpoint(value: unknown): boolean {
  const url = asUrl(value);
  return (
    url !== undefined &&
    ["http:", "https:"].includes(url.protocol) &&
    url.username + url.password + url.search + url.hash === ""
  );
}

function hasPassword(value: unknown): boolean {
  const url = asUrl(value);
  return url !== undefined && url.username + url.password + url.search !== "";
}

function asUrl(value: unknown): URL | undefined {
  return isText(value) && URL.canParse(value) ? new URL(value) : undefined;
}
