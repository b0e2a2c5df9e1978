import { arrow, box, label, picture, type Box } from "./svg";

const LEFT = 20;
const STEP = 250;
const RIGHT = 540;
const LIST = 400;

interface Exit {
  readonly when: string;
  readonly list: readonly string[];
  readonly kind: Box["kind"];
}

interface Stage {
  readonly lines: readonly string[];
  readonly exits: readonly Exit[];
}

const READING: readonly Stage[] = [
  {
    lines: ["Validate the id"],
    exits: [
      {
        when: "invalid id",
        list: ["`errors`", "`invalid`"],
        kind: "bad",
      },
    ],
  },
  {
    lines: ["Read it from Elasticsearch", "in each collection"],
    exits: [
      {
        when: "missing in every collection",
        list: ["`not_found`"],
        kind: "open",
      },
      {
        when: "could not be read",
        list: ["`errors`", "`unavailable`, `rejected`, …"],
        kind: "bad",
      },
    ],
  },
  {
    lines: ["Run the application's pipes"],
    exits: [
      {
        when: "removed by a pipe",
        list: ["`errors`", "`forbidden`"],
        kind: "bad",
      },
    ],
  },
  {
    lines: ["Add it to the response"],
    exits: [
      {
        when: "the response is full",
        list: ["`unprocessed`", "request it again"],
        kind: "open",
      },
      { when: "fits", list: ["`documents`"], kind: "good" },
    ],
  },
];

const WRITING: readonly Stage[] = [
  {
    lines: ["Validate the document", "with `strict` also by the mapping"],
    exits: [
      {
        when: "invalid",
        list: [
          "`errors`: `invalid`, `mapping`",
          "with `strict` nothing is written",
        ],
        kind: "bad",
      },
    ],
  },
  {
    lines: ["Send it to Elasticsearch", "retry when it is overloaded"],
    exits: [
      {
        when: "rejected",
        list: [
          "`errors`",
          "`version_conflict`, `mapping`, `not_found`,",
          "`rejected`, `unavailable`",
        ],
        kind: "bad",
      },
      {
        when: "the response was lost",
        list: ["`errors`", "`unknown_outcome`"],
        kind: "bad",
      },
    ],
  },
  {
    lines: ["Run the application's pipes"],
    exits: [
      {
        when: "removed by a pipe",
        list: ["`errors`", "`forbidden` (but written)"],
        kind: "bad",
      },
      {
        when: "written",
        list: ["`successes`", "of batchWrite: `results`"],
        kind: "good",
      },
    ],
  },
];

/** Where each document of a request ends up: in exactly one list. */
export function outcomes(): string {
  const reading = column("batchGet: each requested id", READING, 30);
  const writing = column(
    "mWrite, mUpdate and batchWrite: each document",
    WRITING,
    reading.bottom + 40,
  );
  return picture(
    RIGHT + LIST + 20,
    writing.bottom + 10,
    "The list of the response that each document of a request ends in",
    [...reading.parts, ...writing.parts],
  );
}

const EXIT_GAP = 14;
const LINE = 17;

function column(
  title: string,
  stages: readonly Stage[],
  top: number,
): { parts: string[]; bottom: number } {
  const parts = [label(LEFT, top, title, { bold: true, size: 15 })];
  let y = top + 18;
  let above: number | undefined;
  for (const { lines, exits } of stages) {
    const own = lines.length * LINE + 14;
    if (above !== undefined) {
      const x = LEFT + STEP / 2;
      parts.push(
        arrow([
          [x, above],
          [x, y],
        ]),
      );
    }
    parts.push(box({ x: LEFT, y, width: STEP, lines, kind: "step" }));
    const trunk = LEFT + STEP + 24;
    let exitY = y;
    let first: number | undefined;
    for (const { when, list, kind } of exits) {
      const height = list.length * LINE + 14;
      const middle = exitY + height / 2;
      const start =
        first === undefined
          ? [[LEFT + STEP, middle] as const]
          : [[trunk, first] as const, [trunk, middle] as const];
      first ??= middle;
      parts.push(
        arrow([...start, [RIGHT, middle]]),
        label((trunk + RIGHT) / 2, middle - 6, when, {
          anchor: "middle",
          size: 12,
        }),
        box({ x: RIGHT, y: exitY, width: LIST, lines: list, kind }),
      );
      exitY += height + EXIT_GAP;
    }
    above = y + own;
    y = Math.max(y + own, exitY - EXIT_GAP) + 22;
  }
  return { parts, bottom: y - 22 };
}
