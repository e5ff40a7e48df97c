type Viewed = { bytes: Uint8Array; view: DataView };

const NOTHING: Viewed = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) };
// A capture line's payloads lie in the line or in copies of each side, so work goes back and forth between a few.
const kept: [Viewed, Viewed, Viewed, Viewed] = [NOTHING, NOTHING, NOTHING, NOTHING];
let next = 0;

/** A view of bytes for reading several at once. Views are dear to make, so the last few are kept. */
export function viewOf(bytes: Uint8Array): DataView {
  if (kept[0].bytes === bytes) return kept[0].view;
  if (kept[1].bytes === bytes) return kept[1].view;
  if (kept[2].bytes === bytes) return kept[2].view;
  if (kept[3].bytes === bytes) return kept[3].view;
  const made = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  kept[next] = made;
  next = (next + 1) & 3;
  return made.view;
}
