import {
  After,
  AfterAll,
  BeforeAll,
  setDefaultTimeout,
} from "@cucumber/cucumber";

import { handBack, takeOver } from "./kuzzle";
import { type BatchWorld, closeTransports } from "./world";

setDefaultTimeout(30_000);

BeforeAll(takeOver);

After(function (this: BatchWorld) {
  return this.cleanUp();
});

AfterAll(async () => {
  await closeTransports();
  await handBack();
});
