const QUOTE = 34;
const COMMA = 44;
const NEWLINE = 10;

/**
 * Rows of a result file of Athena, as its bytes come: every value stands in quotes, doubled within, and may hold newlines; nothing at all
 * is null.
 */
export async function* athenaCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<(string | null)[]> {
  let row: (string | null)[] = [];
  let parts: Buffer[] = [];
  let isQuoted = false;
  let wasQuoted = false;
  const value = (): string | null => {
    const text = Buffer.concat(parts).toString('utf8');
    parts = [];
    const found = wasQuoted ? text.slice(1, -1).replaceAll('""', '"') : text === '' ? null : text;
    wasQuoted = false;
    return found;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      // A doubled quote closes and opens again.
      if (byte === QUOTE) {
        isQuoted = !isQuoted;
        wasQuoted = true;
      } else if (!isQuoted && (byte === COMMA || byte === NEWLINE)) {
        parts.push(bytes.subarray(from, at));
        from = at + 1;
        row.push(value());
        if (byte === COMMA) continue;
        yield row;
        row = [];
      }
    }
    if (from < bytes.length) parts.push(Buffer.from(bytes.subarray(from)));
  }
  if (parts.length === 0 && row.length === 0) return;
  row.push(value());
  yield row;
}
