/** For all tests in this folder: an administrator while they run, none before and after. */
import { handBack, takeOver } from "../../../features/support/kuzzle";

export const mochaHooks = { beforeAll: takeOver, afterAll: handBack };
