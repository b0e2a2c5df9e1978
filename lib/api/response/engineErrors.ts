import { batchError } from "../../errors";
import { EngineError } from "../../core/ExecutionContext";

/**
 * For calls that concern the whole request, before anything is written.
 *
 * @throws `batch.engine.unavailable`
 */
export async function reportingUnavailability<T>(
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw error instanceof EngineError
      ? batchError("batch.engine.unavailable", { reason: error.message })
      : error;
  }
}
