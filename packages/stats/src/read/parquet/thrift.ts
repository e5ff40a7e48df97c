import { DamagedParquet } from './damaged.ts';

/** Thrift's compact protocol: as much of it as page headers need (parquet-format, PageHeader). */
export type Field = number | Struct;
/** Fields by their number; numbers and structs only, others are skipped. */
export type Struct = Map<number, Field>;

type Cursor = { bytes: Uint8Array; at: number };

/** @returns undefined when the bytes end before the struct does */
export function readStruct(bytes: Uint8Array, from: number): { struct: Struct; end: number } | undefined {
  const cursor = { bytes, at: from };
  const struct = structAt(cursor, 0);
  return cursor.at > bytes.length ? undefined : { struct, end: cursor.at };
}

const DEEPEST = 16;

function structAt(cursor: Cursor, depth: number): Struct {
  if (depth > DEEPEST) throw new DamagedParquet('a page header is nested too deeply');
  const struct: Struct = new Map();
  let field = 0;
  for (;;) {
    const byte = byteAt(cursor);
    const type = byte & 15;
    if (type === 0 || cursor.at > cursor.bytes.length) return struct;
    field = byte >> 4 === 0 ? zigzag(cursor) : field + (byte >> 4);
    const value = valueAt(cursor, type, depth);
    if (value !== undefined) struct.set(field, value);
  }
}

function valueAt(cursor: Cursor, type: number, depth: number): Field | undefined {
  switch (type) {
    case 1:
      return 1;
    case 2:
      return 0;
    case 3:
      cursor.at++;
      return undefined;
    case 4:
    case 5:
    case 6:
      return zigzag(cursor);
    case 7:
      cursor.at += 8;
      return undefined;
    case 8: {
      const length = varint(cursor);
      cursor.at += length;
      return undefined;
    }
    case 9:
    case 10:
      skipList(cursor, depth);
      return undefined;
    case 12:
      return structAt(cursor, depth + 1);
    default:
      throw new DamagedParquet(`a page header holds a field of the unknown type ${type}`);
  }
}

function skipList(cursor: Cursor, depth: number): void {
  const byte = byteAt(cursor);
  const many = byte >> 4 === 15 ? varint(cursor) : byte >> 4;
  for (let i = 0; i < many && cursor.at <= cursor.bytes.length; i++) {
    const type = byte & 15;
    if (type === 1 || type === 2) cursor.at++;
    else valueAt(cursor, type, depth + 1);
  }
}

function byteAt(cursor: Cursor): number {
  return cursor.bytes[cursor.at++] ?? 0;
}

function varint(cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 56; scale *= 128) {
    const byte = byteAt(cursor);
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  throw new DamagedParquet('a page header holds a number of too many bytes');
}

function zigzag(cursor: Cursor): number {
  const value = varint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
