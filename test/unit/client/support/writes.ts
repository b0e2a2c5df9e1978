import should from "should";

import { BatchError, type WriteInput } from "../../../../client/index";

/** @param bytes approximate size of each document */
export function documents(count: number, bytes = 100): WriteInput[] {
  return Array.from({ length: count }, (_, i) => ({
    _id: `d${i}`,
    body: { n: i, text: "x".repeat(bytes) },
  }));
}

/** The error with which a call rejects. */
export async function rejection(
  call: Promise<unknown>,
): Promise<BatchError<any>> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  should(error).be.instanceOf(BatchError);
  return error as BatchError;
}
