// What block compressors have in common: literals, and repetitions of what has been written.

/** Copies `length` bytes. It may read and write up to 15 bytes more. */
export function copyLiterals(from: u32, to: u32, length: u32): void {
  v128.store(to, v128.load(from));
  if (length <= 16) return;
  if (length > 128) memory.copy(to, from, length);
  else for (let i: u32 = 16; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

/** Repeats `length` bytes from `offset` bytes before `to`. It may write up to 15 bytes more, which the next step writes over. */
export function repeat(to: u32, offset: u32, length: u32): void {
  const source = to - offset;
  if (offset >= 16) {
    v128.store(to, v128.load(source));
    for (let i: u32 = 16; i < length; i += 16) v128.store(to + i, v128.load(source + i));
  } else if (offset >= 8) {
    for (let i: u32 = 0; i < length; i += 8) store<u64>(to + i, load<u64>(source + i));
  } else {
    for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(source + i));
  }
}
