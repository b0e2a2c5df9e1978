/**
 * JSON as written in documentation: with comments, keys without quotes, and "…" for
 * omissions.
 */
import ts from "typescript";

/** An object or list with a comment that stands for further members. */
export const OPEN = Symbol("open");

export type Literal =
  | string
  | number
  | boolean
  | null
  | Literal[]
  | { [key: string]: Literal; [OPEN]?: true };

class NoLiteral extends Error {}

const WORDS: Record<number, boolean | null> = {
  [ts.SyntaxKind.TrueKeyword]: true,
  [ts.SyntaxKind.FalseKeyword]: false,
  [ts.SyntaxKind.NullKeyword]: null,
};

/** @returns undefined if the text is something else, such as a program */
export function readLiteral(text: string): Literal | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  const source = ts.createSourceFile(
    "literal.ts",
    `(${text}\n)`,
    ts.ScriptTarget.ES2022,
    true,
  );
  const [statement, ...rest] = source.statements;
  if (rest.length > 0 || !statement || !ts.isExpressionStatement(statement)) {
    return undefined;
  }
  if (!ts.isParenthesizedExpression(statement.expression)) return undefined;
  try {
    return valueOf(statement.expression.expression);
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

/** One literal per line, as NDJSON. */
export function readLines(text: string): Literal[] | undefined {
  const values = text.trim().split("\n").map(readLiteral);
  return values.every((value) => value !== undefined) ? values : undefined;
}

function valueOf(node: ts.Expression): Literal {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node)) return Number(node.getText());
  if (node.kind in WORDS) return WORDS[node.kind] ?? null;
  if (ts.isArrayLiteralExpression(node)) {
    const values = node.elements.map(valueOf);
    return Object.assign(values, openIf(hasComment(node, node.elements)));
  }
  if (ts.isObjectLiteralExpression(node)) {
    const entries = node.properties.map((property) => {
      if (!ts.isPropertyAssignment(property)) throw new NoLiteral();
      if (ts.isComputedPropertyName(property.name)) throw new NoLiteral();
      return [property.name.text, valueOf(property.initializer)] as const;
    });
    return Object.assign(
      Object.fromEntries(entries) as Record<string, Literal>,
      openIf(hasComment(node, node.properties)),
    );
  }
  throw new NoLiteral();
}

const openIf = (isOpen: boolean): { [OPEN]?: true } =>
  isOpen ? { [OPEN]: true } : {};

/** Between its parts, not inside them. */
function hasComment(node: ts.Node, parts: readonly ts.Node[]): boolean {
  let own = "";
  let from = node.getStart();
  for (const part of parts) {
    own += node.getSourceFile().text.slice(from, part.getStart());
    from = part.getEnd();
  }
  return /\/[/*]/.test(
    own + node.getSourceFile().text.slice(from, node.getEnd()),
  );
}
