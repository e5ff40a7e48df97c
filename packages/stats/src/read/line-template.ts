import { kernels, letGo, memoryBytes, scratch, scratchTop, wordsAt } from '../kernels/kernels.ts';
import { filling, makeRoom, roomLeft, takeRead } from './batch.ts';
import type { Batch, Filling } from './batch.ts';
import { BOOLEAN, TEXT } from './parse-number.ts';
import { codeOf } from './text-index.ts';

/**
 * How a value is written: as JSON's numbers and words, within JSON's quotes, as a field of CSV, as one that is a text whatever it looks like;
 * or as a string that nobody wants.
 */
export type HoleKind = 'scalar' | 'text' | 'field' | 'word' | 'ignored';

/** A part of a line that differs from line to line: bytes [from, to) of the line that it was learned from. */
export type Hole = { from: number; to: number; kind: HoleKind; name: string };

/** Lines that are alike but for their holes. */
export type Template = {
  instructions: Uint32Array;
  literals: Uint8Array;
  columns: { name: string; kind: HoleKind }[];
};

// As in kernels/lines.ts.
const LITERAL = 0;
const OPERATIONS: Record<HoleKind, number> = { scalar: 1, text: 2, field: 3, ignored: 4, word: 5 };
const INSTRUCTION_WORDS = 4;

/** The template of a line and its holes, which are in order. */
export function templateOf(line: Uint8Array, holes: readonly Hole[]): Template {
  const instructions: number[] = [];
  const columns: Template['columns'] = [];
  let at = 0;
  const literal = (to: number): void => {
    if (to > at) instructions.push(LITERAL, at, to - at, 0);
  };
  for (const { from, to, kind, name } of holes) {
    literal(from);
    instructions.push(OPERATIONS[kind], columns.length, 0, 0);
    if (kind !== 'ignored') columns.push({ name, kind });
    at = to;
  }
  literal(line.length);
  return { instructions: Uint32Array.from(instructions), literals: Uint8Array.from(line), columns };
}

/** Values that a kernel reads before they are taken over. */
const READ_AT_ONCE = 1 << 17;
const MOST_READ_AT_ONCE = 4096;

/**
 * Puts lines of `bytes`, which lie at `place` in the kernels' memory too, from `from` on into the batch, until it is full or one is different.
 * @returns where it stopped, and how many lines it put
 */
export function putAlikeLines(
  batch: Batch,
  { instructions, literals, columns }: Template,
  bytes: Uint8Array,
  from: number,
  place: number,
): { stop: number; many: number } {
  const since = scratchTop();
  const wide = Math.max(1, columns.length);
  const room = Math.max(1, Math.min(MOST_READ_AT_ONCE, Math.floor(READ_AT_ONCE / wide), roomLeft(batch)));
  const program = load(instructions, literals);
  const slots = scratch(8 * wide * room);
  const kinds = scratch(wide * room);
  const [begin, end] = [place + from, place + bytes.length];
  const length = instructions.length / INSTRUCTION_WORDS;
  const stop = kernels().readLines(begin, end, program, length, room, slots, kinds);
  const many = kernels().linesRead.value;
  if (many > 0) {
    makeRoom(batch, many);
    columns.forEach(({ name, kind }, c) => {
      const column = filling(batch, name);
      const put = kind === 'scalar' ? BOOLEAN : TEXT;
      takeRead(
        batch,
        column,
        { slots: slots + 8 * c * room, kinds: kinds + c * room, many },
        (start, row, to) => putText(column, row, put, bytes, from + start, from + to),
      );
    });
    batch.rows += many;
  }
  letGo(since);
  return { stop: stop - place, many };
}

function putText(
  column: Filling,
  row: number,
  kind: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): void {
  column.codes[row] = codeOf(column.index, bytes, from, to);
  column.kinds[row] = kind;
}

/** Puts a template where the kernel finds it. */
function load(instructions: Uint32Array, literals: Uint8Array): number {
  const place = scratch(literals.length);
  memoryBytes().set(literals, place);
  const program = scratch(4 * instructions.length);
  const words = wordsAt(program, instructions.length);
  words.set(instructions);
  for (let i = 0; i < words.length; i += INSTRUCTION_WORDS) if (words[i] === LITERAL) words[i + 1]! += place;
  return program;
}
