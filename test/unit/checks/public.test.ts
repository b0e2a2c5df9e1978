/**
 * Everything exported by the package's two entry points is marked `@public`, and nothing
 * else.
 */
import path from "node:path";

import should from "should";
import ts from "typescript";

const ROOT = path.resolve(__dirname, "../../..");
const DOORS = ["index.ts", "client/index.ts"];

const program = ts.createProgram(
  DOORS.map((file) => path.join(ROOT, file)),
  {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    skipLibCheck: true,
    noLib: true,
    types: [],
  },
);
const checker = program.getTypeChecker();

/** The exports of an entry point, where they are declared. */
function exportsOf(door: string): ts.Symbol[] {
  const file = program.getSourceFile(path.join(ROOT, door));
  return checker
    .getExportsOfModule(checker.getSymbolAtLocation(file!)!)
    .map((symbol) =>
      symbol.flags & ts.SymbolFlags.Alias
        ? checker.getAliasedSymbol(symbol)
        : symbol,
    );
}

function isPublic(symbol: ts.Symbol): boolean {
  return symbol.getJsDocTags(checker).some(({ name }) => name === "public");
}

describe("the package's front doors", () => {
  for (const door of DOORS) {
    it(`${door} exports nothing but what is marked @public`, () => {
      const exported = exportsOf(door);
      should(exported.length).be.above(5);
      const unmarked = exported.filter((symbol) => !isPublic(symbol));
      should(unmarked.map(({ name }) => name)).eql([]);
    });
  }

  it("export all that lib and client mark @public", () => {
    const exported = new Set(DOORS.flatMap(exportsOf));
    const hidden = program
      .getSourceFiles()
      .filter(({ fileName }) =>
        /^(lib|client)\//.test(path.relative(ROOT, fileName)),
      )
      .flatMap((file) => {
        const module = checker.getSymbolAtLocation(file);
        return module === undefined ? [] : checker.getExportsOfModule(module);
      })
      .filter(({ flags }) => !(flags & ts.SymbolFlags.Alias))
      .filter((symbol) => isPublic(symbol) && !exported.has(symbol));
    should(hidden.map(({ name }) => name)).eql([]);
  });
});
