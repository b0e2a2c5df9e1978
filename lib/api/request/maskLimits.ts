import { batchError } from "../../errors";
import { REQUEST_LIMITS } from "../../limits";

const { maskFields, maskBytes, maskWildcards } = REQUEST_LIMITS;

/** @throws `batch.request.invalid` (400) naming the list that exceeds a limit */
export function assertMaskWithinLimits(
  includes: readonly string[],
  excludes: readonly string[],
): void {
  if (includes.length === 0 && excludes.length === 0) {
    return;
  }
  const lists = { source: includes, sourceExcludes: excludes };
  let fields = 0;
  let bytes = 0;
  let wildcards = 0;
  for (const [place, list] of Object.entries(lists)) {
    fields += list.length;
    if (fields > maskFields.value) {
      throw tooMuch(place, `${maskFields.value} field names`);
    }
    const text = list.join();
    bytes += encodeURIComponent(text).length;
    if (bytes > maskBytes.value) {
      throw tooMuch(place, `${maskBytes.value} bytes in a URL`);
    }
    wildcards += text.split("*").length - 1;
    if (wildcards > maskWildcards.value) {
      throw tooMuch(place, `${maskWildcards.value} wildcards`);
    }
  }
}

function tooMuch(place: string, allowed: string): Error {
  return batchError("batch.request.invalid", {
    place,
    expected: `at most ${allowed}, source and sourceExcludes together`,
  });
}
