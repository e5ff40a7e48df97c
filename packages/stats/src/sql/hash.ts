import {
  FIRST_FACTOR,
  FIRST_MIX,
  FIRST_SEED,
  SECOND_FACTOR,
  SECOND_MIX,
  SECOND_SEED,
} from '../profile/hash.ts';

/*
 * profile/hash.ts in SQL. Words of 32 bits are bigints from 0 to 2^32 − 1. What is used twice is named first, a relation a step:
 * written out, the text would double with each.
 */

/** New columns, beside those of the relation before. */
export type Step = Readonly<Record<string, string>>;

const ALL = 4_294_967_295;

function word(x: string): string {
  return `bitwise_and(${x}, ${ALL})`;
}

/** Math.imul(x, factor), without a product that no bigint holds. */
function product(x: string, factor: number): string {
  return word(
    `bitwise_and((${x}) / 65536 * ${factor}, 65535) * 65536 + bitwise_and(${x}, 65535) * ${factor}`,
  );
}

function rotated(x: string, bits: number): string {
  return `${word(`(${x}) * ${2 ** bits}`)} + (${x}) / ${2 ** (32 - bits)}`;
}

/** x ^ (x >>> bits) */
function folded(x: string, bits: number): string {
  return `bitwise_xor(${x}, ${x} / ${2 ** bits})`;
}

function mixed(from: string, name: string): Step[] {
  return [
    { [`${name}_1`]: from },
    { [`${name}_2`]: product(folded(`${name}_1`, 16), FIRST_MIX) },
    { [`${name}_3`]: product(folded(`${name}_2`, 13), SECOND_MIX) },
    { [name]: folded(`${name}_3`, 16) },
  ];
}

/** Of the lanes a and b. */
const finish: readonly Step[] = [
  ...mixed(word('a + b * 5'), 'first_hash'),
  ...mixed(word('b + first_hash * 9'), 'second_hash'),
];

/** Of `bits`, a double's 64 as a bigint: first_hash and second_hash. Null where it is. */
export const hashOfBits: readonly Step[] = [
  { high: word('bitwise_and(bits, -4294967296) / 4294967296'), low: word('bits') },
  {
    a: `bitwise_xor(${product('high', FIRST_FACTOR)}, ${product('low', SECOND_FACTOR)})`,
    b: word(`${product(`bitwise_xor(low, ${FIRST_SEED})`, FIRST_FACTOR)} + ${product('high', FIRST_MIX)}`),
  },
  ...finish,
];

const LITTLE_ENDIAN = [7, 5, 3, 1].map((at) => `substr(w, ${at}, 2)`).join(' || ');

/** Of `bytes`, a text's UTF-8 in hexadecimal: the same two. Null where it is. */
export const hashOfBytes: readonly Step[] = [
  {
    words: `transform(regexp_extract_all(bytes, '.{8}'), w -> from_base(${LITTLE_ENDIAN}, 16))`,
    rest: `transform(regexp_extract_all(substr(bytes, length(bytes) - mod(length(bytes), 8) + 1), '..'), w -> from_base(w, 16))`,
  },
  {
    lane_a: `reduce(words, BIGINT '${FIRST_SEED}', (s, w) -> ${rotated(product('bitwise_xor(s, w)', FIRST_FACTOR), 15)}, s -> s)`,
    lane_b: `reduce(words, BIGINT '${SECOND_SEED}', (s, w) -> ${rotated(product(word('s + w'), SECOND_FACTOR), 13)}, s -> s)`,
    tail: `reduce(rest, length(bytes) / 2, (s, w) -> ${word(`${product('s', 257)} + w + 1`)}, s -> s)`,
  },
  {
    a: product('bitwise_xor(lane_a, tail)', FIRST_FACTOR),
    b: product(word('lane_b + tail'), SECOND_FACTOR),
  },
  ...finish,
];
