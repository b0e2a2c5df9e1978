import { batchError } from "../../errors";
import { EngineError } from "../../core/ExecutionContext";

/**
 * For calls that concern the whole request, before anything is written: to be given
 * what they are rejected with.
 *
 * @throws `batch.engine.unavailable`
 */
export function reportUnavailability(error: unknown): never {
  throw error instanceof EngineError
    ? batchError("batch.engine.unavailable", { reason: error.message })
    : error;
}
