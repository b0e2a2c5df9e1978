/*
 * Lets a shared object that was built on glibc 2.38 load on an older one.
 *
 * Since 2.38, glibc's headers turn strtol, strtoul and sscanf into __isoc23_strtol and so
 * on, which also read binary numbers ("0b101"). If an object uses nothing else of 2.38,
 * it can use the old functions: the symbols are renamed, and their required version
 * becomes the oldest one that the object names for the same library.
 *
 * Source: the ELF-64 object file format, and the "Symbol Versioning" chapter of the Linux
 * Standard Base.
 */
"use strict";

const DYNAMIC_SYMBOLS = 11; // SHT_DYNSYM
const NEEDED_VERSIONS = 0x6ffffffe; // SHT_GNU_verneed
const SYMBOL_VERSIONS = 0x6fffffff; // SHT_GNU_versym
const SYMBOL_BYTES = 24;

const TOO_NEW = "GLIBC_2.38";
const NEW_PREFIX = "__isoc23_";

/**
 * @param {Buffer} object a little-endian ELF-64 shared object; not modified
 * @returns {Buffer} a copy that does not need glibc 2.38
 * @throws if it uses something of 2.38 that older versions lack
 */
function withoutGlibc238(object) {
  const elf = Buffer.from(object);
  const sections = readSections(elf);
  const section = (wanted) => sections.find(({ type }) => type === wanted);
  const symbols = section(DYNAMIC_SYMBOLS);
  const strings = sections[symbols.link].offset;
  const textAt = (offset) => {
    const start = strings + offset;
    return elf.toString("latin1", start, elf.indexOf(0, start));
  };

  const { offset } = section(NEEDED_VERSIONS);
  for (const versions of readNeededVersions(elf, offset, textAt)) {
    const tooNew = versions.find(({ name }) => name === TOO_NEW);
    if (tooNew === undefined) continue;
    const numbers = section(SYMBOL_VERSIONS).offset;
    renameSymbols(elf, symbols, textAt, (index) => {
      return elf.readUInt16LE(numbers + 2 * index) === tooNew.number;
    });
    copyVersion(elf, oldest(versions), tooNew);
  }
  return elf;
}

function readSections(elf) {
  const start = Number(elf.readBigUInt64LE(0x28));
  const bytes = elf.readUInt16LE(0x3a);
  const count = elf.readUInt16LE(0x3c);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * bytes;
    return {
      type: elf.readUInt32LE(at + 4),
      offset: Number(elf.readBigUInt64LE(at + 0x18)),
      size: Number(elf.readBigUInt64LE(at + 0x20)),
      link: elf.readUInt32LE(at + 0x28),
    };
  });
}

/** For each library, the versions that are needed of it and where they are stored. */
function readNeededVersions(elf, offset, textAt) {
  const libraries = [];
  for (let at = offset, next = 1; next !== 0; at += next) {
    const versions = [];
    let entry = at + elf.readUInt32LE(at + 8);
    for (let left = elf.readUInt16LE(at + 2); left > 0; left--) {
      versions.push({
        at: entry,
        number: elf.readUInt16LE(entry + 6),
        name: textAt(elf.readUInt32LE(entry + 8)),
      });
      entry += elf.readUInt32LE(entry + 12);
    }
    libraries.push(versions);
    next = elf.readUInt32LE(at + 12);
  }
  return libraries;
}

/** A name without its prefix is a suffix of the same text. */
function renameSymbols(elf, { offset, size }, textAt, isTooNew) {
  for (let index = 0; index < size / SYMBOL_BYTES; index++) {
    if (!isTooNew(index)) continue;
    const at = offset + index * SYMBOL_BYTES;
    const name = elf.readUInt32LE(at);
    if (!textAt(name).startsWith(NEW_PREFIX)) {
      throw new Error(`${textAt(name)} is not in a glibc before 2.38`);
    }
    elf.writeUInt32LE(name + NEW_PREFIX.length, at);
  }
}

function oldest(versions) {
  const ordered = [...versions].sort((a, b) =>
    a.name.localeCompare(b.name, "en", { numeric: true }),
  );
  return ordered[0];
}

/** Copies hash and name; the number by which symbols refer to the version stays. */
function copyVersion(elf, from, to) {
  elf.copy(elf, to.at, from.at, from.at + 4);
  elf.copy(elf, to.at + 8, from.at + 8, from.at + 12);
}

module.exports = { withoutGlibc238 };
