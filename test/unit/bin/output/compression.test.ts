import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";

import should from "should";

import { openSource } from "../../../../bin/input/source";
import {
  type Compression,
  compressionOf,
  compressor,
  plainName,
  zstdUnpacker,
} from "../../../../bin/output/compression";

const WRITES_ZSTD = "zstdCompress" in zlib;
const READS_ZSTD = Number(process.versions.node.split(".")[0]) >= 24;

describe("compression", function () {
  this.timeout(20_000);
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "packed-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("is that of the name of a file", () => {
    for (const [name, compression, plain] of [
      ["a.csv", "none", "a.csv"],
      ["a.csv.gz", "gzip", "a.csv"],
      ["a.JSON.ZST", "zstd", "a.JSON"],
      ["a.zstd", "zstd", "a"],
    ] as const) {
      should(compressionOf(name)).equal(compression);
      should(plainName(name)).equal(plain);
    }
  });

  async function unpacked(compression: Compression): Promise<string> {
    const compress = compressor(compression);
    const pieces = ["one\n", "two\n"].map((text) =>
      compress(Buffer.from(text)),
    );
    // detected by its first bytes, whatever its name
    const file = path.join(folder, "input");
    writeFileSync(file, Buffer.concat(await Promise.all(pieces)));
    const { bytes } = await openSource(file, new AbortController().signal);
    let text = "";
    for await (const part of bytes) text += String(part);
    return text;
  }

  it("makes pieces that are one file, known by their first bytes", async () => {
    should(await unpacked("none")).equal("one\ntwo\n");
    should(await unpacked("gzip")).equal("one\ntwo\n");
  });

  /** Frames of any size, with several in a piece, or several pieces per frame. */
  async function unpacksFrames(): Promise<void> {
    const compress = compressor("zstd");
    const frames = [1, 9, 20_000, 0, 40_000, 5].map((size) =>
      randomBytes(size).toString("base64"),
    );
    const packed = Buffer.concat(
      await Promise.all(frames.map((text) => compress(Buffer.from(text)))),
    );
    const read = async (bytes: Buffer, size: number) => {
      let text = "";
      for await (const part of zstdUnpacker(1_000)(inPieces(bytes, size))) {
        text += String(part);
      }
      return text;
    };
    for (const size of [1_000, 16_384, packed.length]) {
      should(await read(packed, size)).equal(frames.join(""));
      await should(read(packed.subarray(0, -1), size)).be.rejected();
      const more = Buffer.concat([packed, Buffer.from("no frame")]);
      await should(read(more, size)).be.rejected();
    }
  }

  async function* inPieces(bytes: Buffer, size: number) {
    for (let at = 0; at < bytes.length; at += size) {
      yield bytes.subarray(at, at + size);
    }
  }

  it("writes zstd from Node 22.15 on, and reports an error before", async () => {
    if (WRITES_ZSTD) {
      const packed = await compressor("zstd")(Buffer.from("one"));
      should(packed.subarray(0, 4).toString("hex")).equal("28b52ffd");
    } else {
      should(() => compressor("zstd")).throw(/Node 22\.15 or later/);
    }
  });

  it("reads zstd from Node 24 on, which detects truncated files, and reports an error before", async () => {
    if (READS_ZSTD) {
      should(await unpacked("zstd")).equal("one\ntwo\n");
      await unpacksFrames();
    } else {
      const file = path.join(folder, "packed");
      writeFileSync(file, Buffer.from("28b52ffd", "hex"));
      await should(
        openSource(file, new AbortController().signal),
      ).be.rejectedWith(/Node 24 or later.*zstd in a pipe/);
    }
  });
});
