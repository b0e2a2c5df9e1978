/**
 * Runs the blocks of one page, in order, each according to its kind:
 *
 * - `http`: a request, whose body may be the block below it
 * - an object with `controller` and `action`: a request over WebSocket
 * - an object below a request: its response, or the response's `result`
 * - configuration, roles, Prometheus' settings, npm's overrides: passed to the program
 *   that reads them, or compared with what is used here
 * - `bash`: run; its output counts as responses, too
 * - `ts` and `js`: run in this process; `console.log(…); // …` states what is logged
 * - `text`: what was printed
 *
 * Above a block, `<!-- test: … -->` states what the block does not show: `body`: it is another
 * body for the request above; `of PATH`: the part of the response that it is; `figures`: its
 * numbers may differ; `fails`: the error of the request is not shown. Directives for a whole
 * page are described at `Fixture`.
 */
import assert from "node:assert/strict";

import { differences, matches } from "./compare";
import {
  checkConfig,
  checkOverrides,
  checkPrometheus,
  checkRole,
  isConfig,
} from "./config";
import { Fixture } from "./fixture";
import {
  type Came,
  type HttpRequest,
  readBody,
  readHttp,
  sendHttp,
  sendWebSocket,
} from "./http";
import { type Literal, readLines, readLiteral } from "./literal";
import type { Block, Page } from "./markdown";
import { isApplication, runProgram } from "./programs";
import { Shell } from "./shell";

type Tree = { [key: string]: Literal };

interface Answer extends Came {
  readonly section: number;
}

export class PageRun {
  readonly fixture: Fixture;
  private readonly shell = new Shell();
  private section = -1;
  private answers: Answer[] = [];
  private printed = "";
  private request: HttpRequest | undefined;
  private awaitsBody = false;

  constructor(private readonly page: Page) {
    this.fixture = new Fixture(page);
  }

  /** @param jwt a token of the user */
  open(jwt: string): Promise<void> {
    this.shell.open();
    return this.fixture.open(jwt);
  }

  async close(): Promise<void> {
    this.shell.close();
    await this.fixture.close();
  }

  /** @throws if the block is wrong, or of an unknown kind */
  async run(block: Block): Promise<void> {
    if (block.section !== this.section) {
      await this.fixture.restore();
      this.section = block.section;
    }
    switch (block.language) {
      case "http":
        return this.runHttp(block);
      case "bash":
        return this.runCommands(block);
      case "yaml":
        return checkPrometheus(block.text, this.fixture.jwt);
      case "text":
        return this.comparePrinted(block);
      case "js":
      case "ts":
      case "json":
        return this.runScript(block);
      default:
        throw new Error(
          `"${block.language}" is no language that the tests know`,
        );
    }
  }

  private async runHttp(block: Block): Promise<void> {
    this.request = readHttp(this.fixture.fillIn(block.text));
    this.awaitsBody = this.request.hasBody;
    if (!this.awaitsBody) await this.send(block, undefined);
  }

  private async send(block: Block, body: Literal | undefined): Promise<void> {
    assert.ok(
      this.request !== undefined,
      "there is no request that it is a body of",
    );
    this.awaitsBody = false;
    this.take(block, await sendHttp(this.request, body, this.fixture.jwt));
  }

  private async runScript(block: Block): Promise<void> {
    const isRequest = this.awaitsBody || directive(block, "body") !== undefined;
    const text = this.fixture[isRequest ? "fillIn" : "fillInShown"](block.text);
    const value = readLiteral(text);
    if (value === undefined) {
      const lines = readLines(text);
      if (lines !== undefined) return this.compareLines(lines);
      assert.notEqual(block.language, "json", "it is no JSON");
      if (isApplication(text)) return;
      return runProgram({ ...block, text }, this.fixture.jwt);
    }
    if (isRequest) return this.send(block, value);
    const keys = value as Tree;
    if ("controller" in keys && "action" in keys && !("status" in keys)) {
      const request = readLiteral(this.fixture.fillIn(block.text)) as Tree;
      return this.take(block, [await sendWebSocket(request, this.fixture.jwt)]);
    }
    if ("controllers" in keys) return checkRole(keys);
    if ("overrides" in keys) return checkOverrides(keys);
    if (isConfig(value)) return checkConfig(keys);
    this.compare(block, keys);
  }

  private async runCommands(block: Block): Promise<void> {
    const { code, stdout, stderr } = await this.shell.run(
      this.fixture.fillIn(block.text),
      this.fixture.jwt,
    );
    assert.equal(code, 0, `it ended with ${code}:\n${stdout}${stderr}`);
    this.printed = stdout + stderr;
    const came = stdout
      .split("\n")
      .map(readBody)
      .filter((body): body is Tree => typeof body === "object" && body !== null)
      .map((body) => ({ status: Number(body["status"] ?? 200), body }));
    this.take(block, came);
  }

  /** An error must be shown or mentioned on the page. */
  private take(block: Block, came: readonly Came[]): void {
    this.answers.push(
      ...came.map((each) => ({ ...each, section: block.section })),
    );
    const failed = came.find(({ status }) => status >= 300);
    if (failed === undefined || directive(block, "fails") !== undefined) return;
    const isShown = this.page.blocks.some(
      ({ section, line, text }) =>
        section === block.section &&
        line > block.line &&
        /"error": \{/.test(text),
    );
    assert.ok(isShown, `the request failed: ${JSON.stringify(failed.body)}`);
  }

  /** Those of the section, or else all earlier ones. */
  private candidates(): Answer[] {
    const own = this.answers.filter(({ section }) => section === this.section);
    return own.length > 0 ? own : this.answers;
  }

  private compare(block: Block, shown: Tree): void {
    const candidates = this.candidates().filter(
      ({ body }) => typeof body === "object",
    );
    assert.ok(
      candidates.length > 0,
      "it is no request, and there is none that it answers",
    );
    const found = candidates.map(({ body }) =>
      differences(partOf(body as Tree, shown, directive(block, "of")), shown, {
        anyFigures: directive(block, "figures") !== undefined,
      }),
    );
    assert.ok(
      found.some((each) => each.length === 0),
      `it is not what was answered:\n${found.at(-1)?.join("\n")}`,
    );
  }

  private compareLines(shown: readonly Literal[]): void {
    const found = this.candidates().map(({ body }) => {
      const lines = String(body).trim().split("\n").map(readBody);
      return lines.length === shown.length
        ? shown.flatMap((each, i) =>
            differences(lines[i], each, {}, `line ${i + 1}`),
          )
        : [`${lines.length} lines came: ${String(body)}`];
    });
    assert.ok(
      found.some((each) => each.length === 0),
      found.at(-1)?.join("\n"),
    );
  }

  /** Each line must be present; figures may differ. */
  private comparePrinted({ text }: Block): void {
    const texts = this.answers
      .map(({ body }) => body)
      .filter((body) => typeof body === "string");
    const came = [this.printed, ...texts].join("\n").split(/[\n\r]/);
    for (const line of text.split("\n").filter((each) => each.trim() !== "")) {
      assert.ok(
        came.some((each) => matches(each, line, true)),
        `nothing printed is "${line}", but:\n${came.join("\n").slice(0, 3000)}`,
      );
    }
  }
}

function directive({ directives }: Block, name: string): string | undefined {
  return directives.find((each) => each.name === name)?.rest;
}

/** The response with or without its envelope, as shown, or the named part of it. */
function partOf(body: Tree, shown: Tree, path: string | undefined): unknown {
  if (path !== undefined) {
    return path
      .split(".")
      .reduce<unknown>((value, key) => (value as Tree)[key], body);
  }
  const isWhole = Object.keys(shown).every((key) => key in body);
  return isWhole ? body : body["result"];
}
