import { arrow, box, heightOf, label, picture, type Kind } from "./svg";

interface Step {
  readonly lines: readonly string[];
  readonly kind: Kind;
  /** how it can fail, and what the caller gets */
  readonly failures: readonly {
    readonly when: string;
    readonly lines: readonly string[];
    readonly kind: Kind;
  }[];
}

const STEPS: readonly Step[] = [
  {
    lines: ["1. Validate and read", "mapping and current documents"],
    kind: "step",
    failures: [
      {
        when: "invalid",
        lines: ["400 `batch.write.refused`", "nothing was sent"],
        kind: "bad",
      },
      {
        when: "unavailable",
        lines: ["503 `batch.engine.unavailable`", "nothing was sent"],
        kind: "bad",
      },
    ],
  },
  {
    lines: ["2. Write the journal", "documents before, hashes of the new"],
    kind: "store",
    failures: [
      {
        when: "fails",
        lines: ["503 `batch.engine.unavailable`", "nothing was sent"],
        kind: "bad",
      },
    ],
  },
  {
    lines: ["3. Write the documents", "each if unchanged since step 1"],
    kind: "step",
    failures: [
      {
        when: "conflict, error, lost response",
        lines: ["Roll back", "restore each document if unmodified"],
        kind: "step",
      },
    ],
  },
  {
    lines: ["4. Mark the journal committed", "this write decides"],
    kind: "store",
    failures: [
      {
        when: "node stops before",
        lines: [
          "Recovery by any node",
          "waits for the lease and for running writes",
        ],
        kind: "step",
      },
    ],
  },
  {
    lines: ["200 `committed`", "then notify subscribers"],
    kind: "good",
    failures: [],
  },
];

const ROLLBACK_ENDS = [
  {
    when: "all restored",
    lines: ["409 or 503", "`batch.write.rolled_back`"],
    kind: "good",
  },
  {
    when: "some were modified",
    lines: ["500 `batch.write.`", "`rollback_incomplete`"],
    kind: "bad",
  },
  {
    when: "unavailable",
    lines: ["500 `batch.write.`", "`outcome_unknown`"],
    kind: "open",
  },
] as const satisfies readonly {
  when: string;
  lines: readonly string[];
  kind: Kind;
}[];

const LEFT = 20;
const STEP = 270;
const MIDDLE = 480;
const FAILURE = 300;
const ENDS = 945;
const END = 210;
const GAP = 26;
/** where the lines to several boxes branch off */
const TRUNK = LEFT + STEP + 16;
const SMALL = { anchor: "middle", size: 12 } as const;

/** The protocol of an atomic batch, with the consequences of each failing step. */
export function atomic(): string {
  const parts = [
    label(LEFT, 30, "An atomic batch", { bold: true, size: 15 }),
    label(MIDDLE, 30, "When a step fails", { bold: true, size: 15 }),
    label(ENDS, 30, "How the rollback ends", { bold: true, size: 15 }),
  ];
  const rooms: { top: number; middle: number; bottom: number }[] = [];
  let y = 50;
  STEPS.forEach((step, i) => {
    const own = heightOf(step);
    const x = LEFT + STEP / 2;
    const previous = rooms.at(-1);
    if (previous !== undefined) {
      parts.push(
        arrow([
          [x, previous.bottom],
          [x, y],
        ]),
      );
    }
    parts.push(box({ ...step, x: LEFT, y, width: STEP }));
    let failureY = y;
    let first: number | undefined;
    step.failures.forEach((failure, n) => {
      const middle = failureY + heightOf(failure) / 2;
      first ??= middle;
      parts.push(
        arrow([
          ...(n === 0
            ? [[LEFT + STEP, middle] as const]
            : [[TRUNK, first] as const, [TRUNK, middle] as const]),
          [MIDDLE, middle],
        ]),
        label((TRUNK + MIDDLE) / 2, middle - 6, failure.when, SMALL),
      );
      parts.push(box({ ...failure, x: MIDDLE, y: failureY, width: FAILURE }));
      failureY += heightOf(failure) + 12;
    });
    rooms[i] = { top: y, middle: y + own / 2, bottom: y + own };
    y = Math.max(y + own, failureY - 12) + GAP;
  });

  const [, , rollback, recovery] = rooms;
  if (rollback === undefined || recovery === undefined) {
    throw new Error("The protocol has no step 3 and 4");
  }
  const centre = MIDDLE + FAILURE / 2;
  parts.push(
    arrow([
      [centre, recovery.top],
      [centre, rollback.bottom],
    ]),
    label(centre + 8, recovery.top - 8, "if not committed", { size: 12 }),
  );
  const right = MIDDLE + FAILURE;
  const trunk = right + 16;
  let endY = rollback.top - 116;
  for (const end of ROLLBACK_ENDS) {
    const middle = endY + heightOf(end) / 2;
    parts.push(
      arrow([
        [right, rollback.middle],
        [trunk, rollback.middle],
        [trunk, middle],
        [ENDS, middle],
      ]),
      label((trunk + ENDS) / 2, middle - 6, end.when, SMALL),
      box({ ...end, x: ENDS, y: endY, width: END }),
    );
    endY += heightOf(end) + 22;
  }
  parts.push(
    arrow([
      [ENDS + END / 2, endY - 22],
      [ENDS + END / 2, recovery.middle],
      [right, recovery.middle],
    ]),
    label((right + ENDS) / 2, recovery.middle + 16, "decides later", SMALL),
  );
  return picture(
    ENDS + END + 20,
    y,
    "The steps of an atomic batch and what happens when one of them fails",
    parts,
  );
}
