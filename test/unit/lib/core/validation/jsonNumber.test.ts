import fc from "fast-check";
import should from "should";

import { survivesRewriting } from "../../../../../lib/core/validation/jsonNumber";

describe("survivesRewriting", () => {
  for (const number of [
    ...["0", "-0", "-0.0", "1.10", "0.1", "1e3", "1E-7", "2.50E+10", "1e23"],
    ...["123456789012345678901234567890", "12.345678901234567", "0.30000"],
  ]) {
    it(`[R13] is so for ${number}`, () => {
      should(survivesRewriting(number)).equal(true);
    });
  }

  for (const number of ["1e400", "1e-400", "0.12345678901234567890", "1e999"]) {
    it(`[R13] is not so for ${number}`, () => {
      should(survivesRewriting(number)).equal(false);
    });
  }

  it("[R13] is so for each double as it is written", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (double) => survivesRewriting(String(double)),
      ),
    );
  });
});
