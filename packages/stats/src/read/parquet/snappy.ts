import { DamagedParquet } from './damaged.ts';

/**
 * Undoes Snappy's raw format (google/snappy, format_description.txt) into `output`, which must be of just the right length.
 * Numbers compress into millions of steps of a few bytes each, so those are taken eight bytes at a time: what is written
 * beyond a step's end is overwritten by the next.
 * @throws DamagedParquet when the input does not give that
 */
export function unsnappy(input: Uint8Array, output: Uint8Array): void {
  const source = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const target = new DataView(output.buffer, output.byteOffset, output.byteLength);
  const end = input.length;
  const full = output.length;
  let from = 0;
  while (input[from]! >= 128) from++;
  from++;
  let to = 0;
  while (from < end) {
    const tag = input[from++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        length = 1;
        for (let i = 0; i < extra; i++) length += input[from + i]! * 2 ** (8 * i);
        from += extra;
      }
      if (length <= 16 && from + 16 <= end && to + 16 <= full) {
        target.setBigInt64(to, source.getBigInt64(from, true), true);
        if (length > 8) target.setBigInt64(to + 8, source.getBigInt64(from + 8, true), true);
      } else {
        // Written so that a length that is NaN is refused too.
        if (!(from + length <= end && to + length <= full))
          throw new DamagedParquet('Snappy data are cut off');
        output.set(input.subarray(from, from + length), to);
      }
      from += length;
      to += length;
      continue;
    }
    let length = (tag >> 2) + 1;
    let offset: number;
    if (kind === 1) {
      length = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | input[from++]!;
    } else if (kind === 2) {
      offset = input[from]! | (input[from + 1]! << 8);
      from += 2;
    } else {
      offset = from + 4 <= end ? source.getUint32(from, true) : 0;
      from += 4;
    }
    if (offset >= 8 && offset <= to && to + length + 8 <= full) {
      const back = to - offset;
      for (let i = 0; i < length; i += 8)
        target.setBigInt64(to + i, target.getBigInt64(back + i, true), true);
    } else if (offset >= 4 && offset <= to && to + length + 4 <= full) {
      const back = to - offset;
      for (let i = 0; i < length; i += 4) target.setInt32(to + i, target.getInt32(back + i, true), true);
    } else {
      repeat(output, to, offset, length);
    }
    to += length;
  }
  if (to !== full) throw new DamagedParquet(`Snappy data give ${to} bytes, not ${full}`);
}

/** Repeats `length` bytes from `offset` bytes before `to`; they may overlap what is being written. @throws DamagedParquet */
export function repeat(output: Uint8Array, to: number, offset: number, length: number): void {
  if (!(offset > 0 && offset <= to && to + length <= output.length)) {
    throw new DamagedParquet('compressed data refer to bytes that are not there');
  }
  if (length > 32 && offset >= length) {
    output.copyWithin(to, to - offset, to - offset + length);
    return;
  }
  for (let i = 0; i < length; i++) output[to + i] = output[to - offset + i]!;
}
