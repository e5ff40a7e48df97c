import { DamagedParquet } from './damaged.ts';

/**
 * Undoes Snappy's raw format (google/snappy, format_description.txt) into `output`, which must be of just the right length.
 * @throws DamagedParquet when the input does not give that
 */
export function unsnappy(input: Uint8Array, output: Uint8Array): void {
  let from = 0;
  while (input[from]! >= 128) from++;
  from++;
  let to = 0;
  const end = input.length;
  while (from < end) {
    const tag = input[from++]!;
    let length = (tag >> 2) + 1;
    if ((tag & 3) === 0) {
      if (length > 60) {
        const extra = length - 60;
        length = 0;
        for (let i = 0; i < extra; i++) length += input[from + i]! * 2 ** (8 * i);
        length++;
        from += extra;
      }
      if (!(from + length <= end && to + length <= output.length))
        throw new DamagedParquet('Snappy data are cut off');
      if (length < 24) for (let i = 0; i < length; i++) output[to + i] = input[from + i]!;
      else output.set(input.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    let offset: number;
    if ((tag & 3) === 1) {
      length = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | input[from++]!;
    } else if ((tag & 3) === 2) {
      offset = input[from]! | (input[from + 1]! << 8);
      from += 2;
    } else {
      offset =
        (input[from]! | (input[from + 1]! << 8) | (input[from + 2]! << 16) | (input[from + 3]! << 24)) >>> 0;
      from += 4;
    }
    copyWithin(output, to, offset, length);
    to += length;
  }
  if (to !== output.length) throw new DamagedParquet(`Snappy data give ${to} bytes, not ${output.length}`);
}

/** Repeats `length` bytes from `offset` bytes before `to`; they may overlap what is being written. */
export function copyWithin(output: Uint8Array, to: number, offset: number, length: number): void {
  if (!(offset > 0 && offset <= to && to + length <= output.length)) {
    throw new DamagedParquet('compressed data refer to bytes that are not there');
  }
  if (length > 32 && offset >= length) {
    output.copyWithin(to, to - offset, to - offset + length);
    return;
  }
  for (let i = 0; i < length; i++) output[to + i] = output[to - offset + i]!;
}
