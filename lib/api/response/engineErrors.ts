import { batchError } from "../../errors";
import { EngineError } from "../../core/ExecutionContext";

/**
 * Handles the rejection of a call that concerns the whole request and is made before
 * anything is written.
 *
 * @throws `batch.engine.unavailable`
 */
export function reportUnavailability(error: unknown): never {
  throw error instanceof EngineError
    ? batchError("batch.engine.unavailable", { reason: error.message })
    : error;
}
