import { FakeKuzzleError } from "./FakePlugin";
import { networkError, type Fault, type FakeSdk } from "./FakeSdk";

/** The response is lost, and the connection comes back at once. */
export const loseAnswer: Fault = async (_request, execute) => {
  await execute();
  throw networkError();
};
export const fine: Fault = (_request, execute) => execute();
export const loseRequest: Fault = async () => {
  throw networkError();
};
export const rejectWith =
  (id: string, status: number): Fault =>
  async () => {
    throw new FakeKuzzleError(id, status);
  };

/** Each attempt of a write meets the next fault; later ones succeed. */
export function inTurn(sdk: FakeSdk, ...faults: Fault[]): void {
  sdk.fault = (request, execute) => {
    const fault = request.action === "limits" ? undefined : faults.shift();
    return (fault ?? fine)(request, execute);
  };
}
