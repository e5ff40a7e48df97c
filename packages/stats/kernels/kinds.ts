// Kinds of values, a byte each.

/** Counts [kinds, kinds + many) by their kind, of which there are eight; `into` is eight counts of 32 bits. */
export function countKinds(kinds: u32, many: u32, into: u32): void {
  const end = kinds + many;
  const blocksEnd = kinds + (many & ~15);
  memory.fill(into, 0, 32);
  for (let kind: u32 = 0; kind < 8; kind++) {
    const wanted = i8x16.splat(<i8>kind);
    let found: u32 = 0;
    for (let at = kinds; at < blocksEnd; at += 16) {
      found += popcnt<u32>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), wanted)));
    }
    store<u32>(into + (kind << 2), found);
  }
  for (let at = blocksEnd; at < end; at++) {
    const place = into + (((<u32>load<u8>(at)) & 7) << 2);
    store<u32>(place, load<u32>(place) + 1);
  }
}
