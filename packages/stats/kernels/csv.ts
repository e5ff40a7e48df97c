// Records of comma-separated values, in columns: numbers as such, everything else as where it lies.

import { kind, number, value } from './number';

const NEWLINE: u32 = 10;
const RETURN: u32 = 13;
const QUOTE: u32 = 34;

/** A field that somebody else has to look at: its slot holds where it begins, and where it ends in the upper half. */
export const SPAN: u8 = 6;

/** How many records the last call read, and whether it stopped before one that it does not understand. */
export let recordsRead: u32 = 0;
export let isOdd: bool = false;

/**
 * Reads records of [from, to), which ends with a newline, until there is no more room. Column c's row r is the slot `slots + 8 · (c · room + r)`
 * and the kind `kinds + c · room + r`. Column c is read as texts where the byte `texts + c` is not 0. It stops before a record with quotes, or with another number of fields.
 * @returns where it stopped
 */
export function readRecords(
  from: u32,
  to: u32,
  columns: u32,
  texts: u32,
  room: u32,
  slots: u32,
  kinds: u32,
  delimiter: u32,
): u32 {
  const last = columns - 1;
  let at = from;
  let row: u32 = 0;
  isOdd = false;
  while (row < room) {
    while (at < to && (load<u8>(at) == NEWLINE || load<u8>(at) == RETURN)) at++;
    if (at >= to) break;
    const start = at;
    let slot = slots + (row << 3);
    let place = kinds + row;
    for (let column: u32 = 0; ; column++) {
      let end = load<u8>(texts + column) == 0 ? number(at) : 0;
      let byte: u32 = 0;
      if (end != 0) {
        byte = <u32>load<u8>(end);
        if (byte == RETURN && load<u8>(end, 1) == NEWLINE) {
          byte = NEWLINE;
          end++;
        }
      }
      if (end != 0 && (byte == delimiter || byte == NEWLINE)) {
        store<f64>(slot, value);
        store<u8>(place, kind);
      } else {
        end = at;
        byte = <u32>load<u8>(end);
        if (byte == QUOTE) {
          isOdd = true;
          break;
        }
        while (byte != delimiter && byte != NEWLINE) byte = <u32>load<u8>(++end);
        const hasReturn = byte == NEWLINE && end > at && load<u8>(end - 1) == RETURN;
        store<u32>(slot, at - from);
        store<u32>(slot, end - from - (hasReturn ? 1 : 0), 4);
        store<u8>(place, SPAN);
      }
      at = end + 1;
      if (byte == NEWLINE || column == last) {
        isOdd = column != last || byte != NEWLINE;
        break;
      }
      slot += room << 3;
      place += room;
    }
    if (isOdd) {
      at = start;
      break;
    }
    row++;
  }
  recordsRead = row;
  return at;
}
