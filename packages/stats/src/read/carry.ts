/** Bytes that have come and have not been read yet, in one buffer that is used again and again. */
export type Carry = { buffer: Buffer; length: number };

export function newCarry(): Carry {
  return { buffer: Buffer.alloc(0), length: 0 };
}

/** All bytes there are, with these behind them; good until the next call. */
export function carried(carry: Carry, more: Uint8Array): Buffer {
  const length = carry.length + more.length;
  if (length > carry.buffer.length) {
    const larger = Buffer.allocUnsafe(length + (length >> 1));
    carry.buffer.copy(larger, 0, 0, carry.length);
    carry.buffer = larger;
  }
  carry.buffer.set(more, carry.length);
  carry.length = length;
  return carry.buffer.subarray(0, length);
}

/** Forgets so many bytes at the beginning. */
export function forget(carry: Carry, many: number): void {
  carry.buffer.copyWithin(0, many, carry.length);
  carry.length -= many;
}
