let viewed = new Uint8Array(0);
let view = new DataView(viewed.buffer);

/** A view of bytes for reading several at once. Much lies in the same bytes, so the last view is kept. */
export function viewOf(bytes: Uint8Array): DataView {
  if (viewed !== bytes) {
    viewed = bytes as Uint8Array<ArrayBuffer>;
    view = new DataView(viewed.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return view;
}
