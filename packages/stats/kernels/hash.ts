// The hashes of src/profile/hash.ts and the registers of src/profile/hyper-log-log.ts.

export let firstHash: u32 = 0;
export let secondHash: u32 = 0;

export function hashBytes(from: u32, to: u32): void {
  let first: u32 = 0x2f0b4f47;
  let second: u32 = 0x6c62272e;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word = load<u32>(at);
    first = rotl<u32>((first ^ word) * 0xcc9e2d51, 15);
    second = rotl<u32>((second + word) * 0x1b873593, 13);
  }
  let tail = to - from;
  for (; at < to; at++) tail = tail * 257 + load<u8>(at) + 1;
  finish((first ^ tail) * 0xcc9e2d51, (second + tail) * 0x1b873593);
}

function finish(a: u32, b: u32): void {
  firstHash = mix(a + b * 5);
  secondHash = mix(b + firstHash * 9);
}

function mix(value: u32): u32 {
  let hash = (value ^ (value >> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
  return hash ^ (hash >> 16);
}

/** Takes the pair last hashed into 4,096 registers. */
export function addHashed(registers: u32): void {
  const place = registers + (firstHash >> 20);
  const rank = clz<u32>(secondHash) + 1;
  if (rank > load<u8>(place)) store<u8>(place, <u8>rank);
}

/** Takes doubles into registers. */
export function addDistinct(values: u32, many: u32, registers: u32): void {
  const end = values + (many << 3);
  for (let at = values; at < end; at += 8) {
    const bits = load<u64>(at);
    const low = <u32>bits;
    // −0 is 0.
    const high = bits == 0x8000000000000000 ? 0 : <u32>(bits >> 32);
    finish((high * 0xcc9e2d51) ^ (low * 0x1b873593), (low ^ 0x2f0b4f47) * 0xcc9e2d51 + high * 0x85ebca6b);
    addHashed(registers);
  }
}
