/**
 * Whether a JSON number survives parsing: whole ones of any size do, and what a double
 * holds.
 */
export function survivesRewriting(number: string): boolean {
  const isWhole = !/[.eE]/.test(number);
  const isShort = number.length <= SURE_LENGTH && !/[eE]/.test(number);
  if (isWhole || isShort) {
    return true;
  }
  const double = Number(number);
  return (
    Number.isFinite(double) && decimalOf(number) === decimalOf(String(double))
  );
}

/** A point and 15 digits, which a double always holds. */
const SURE_LENGTH = 16;

/** Normalizes a number to its digits and the position of the point. */
function decimalOf(number: string): string {
  const [mantissa = "", exponent = "0"] = number.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") {
    return "0";
  }
  const point =
    Number(exponent) - fraction.length + digits.length - significant.length;
  return `${number.startsWith("-") ? "-" : ""}${significant}e${point}`;
}
