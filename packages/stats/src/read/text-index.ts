import { UserError } from '../user-error.ts';
import { hashBytes, hashed } from '../profile/hash.ts';

/**
 * Gives equal byte strings the same small number, without making a string of each: the bytes are compared where they lie.
 */
export type TextIndex = {
  texts: string[];
  /** Where each text's bytes begin in `arena`; one entry more than there are texts. */
  starts: Int32Array;
  hashes: Uint32Array;
  arena: Uint8Array;
  /** Open addressing: code + 1, or 0 where empty. */
  slots: Int32Array;
};

export function newTextIndex(): TextIndex {
  return {
    texts: [],
    starts: new Int32Array(17),
    hashes: new Uint32Array(16),
    arena: new Uint8Array(256),
    slots: new Int32Array(32),
  };
}

/** The code of bytes [from, to). @throws UserError when they are not UTF-8 */
export function codeOf(index: TextIndex, bytes: Uint8Array, from: number, to: number): number {
  hashBytes(bytes, from, to);
  const hash = hashed[0]!;
  const mask = index.slots.length - 1;
  let slot = hash & mask;
  for (let entry = index.slots[slot]!; entry !== 0; entry = index.slots[slot]!) {
    if (index.hashes[entry - 1] === hash && sameBytes(index, entry - 1, bytes, from, to)) return entry - 1;
    slot = (slot + 1) & mask;
  }
  return insert(index, hash, slot, bytes, from, to);
}

function sameBytes(index: TextIndex, code: number, bytes: Uint8Array, from: number, to: number): boolean {
  const start = index.starts[code]!;
  const length = to - from;
  if (index.starts[code + 1]! - start !== length) return false;
  for (let i = 0; i < length; i++) if (index.arena[start + i] !== bytes[from + i]) return false;
  return true;
}

function insert(
  index: TextIndex,
  hash: number,
  slot: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  const code = index.texts.length;
  index.texts.push(decode(bytes, from, to));
  const start = index.starts[code]!;
  const end = start + to - from;
  if (end > index.arena.length) index.arena = grown(index.arena, new Uint8Array(end * 2));
  index.arena.set(bytes.subarray(from, to), start);
  index.slots[slot] = code + 1;
  index.hashes[code] = hash;
  index.starts[code + 1] = end;
  if (code + 2 > index.hashes.length) {
    index.hashes = grown(index.hashes, new Uint32Array(index.hashes.length * 2));
    index.starts = grown(index.starts, new Int32Array(index.hashes.length + 1));
    index.slots = new Int32Array(index.hashes.length * 2);
    const mask = index.slots.length - 1;
    for (let each = 0; each <= code; each++) {
      let free = index.hashes[each]! & mask;
      while (index.slots[free] !== 0) free = (free + 1) & mask;
      index.slots[free] = each + 1;
    }
  }
  return code;
}

function grown<A extends Uint8Array | Int32Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws UserError when the bytes are not UTF-8 */
export function decode(bytes: Uint8Array, from: number, to: number): string {
  let ascii = 0;
  for (let i = from; i < to; i++) ascii |= bytes[i]!;
  if (ascii < 128) return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
  try {
    return STRICT.decode(bytes.subarray(from, to));
  } catch (cause) {
    throw new UserError('holds bytes that are not UTF-8', {}, { cause });
  }
}
