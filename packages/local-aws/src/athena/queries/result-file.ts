/** A row as Athena writes it: all values in quotes, and nothing at all for null. */
export function csvLine(values: readonly (string | undefined)[]): string {
  return `${values.map((value) => (value === undefined ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;
}

/** Rows of such a file as they come, each with where the next begins; texts may hold newlines. */
export async function* csvRows(
  chunks: AsyncIterable<Uint8Array>,
  from: number,
): AsyncGenerator<{ values: (string | undefined)[]; next: number }> {
  let rest = Buffer.alloc(0);
  let place = from;
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = lineEnd(rest, at); end >= 0; end = lineEnd(rest, at)) {
      place += end + 1 - at;
      yield { values: valuesIn(rest.toString('utf8', at, end)), next: place };
      at = end + 1;
    }
    rest = rest.subarray(at);
  }
}

/** Of the line that begins at `from`: its newline outside of quotes, or −1. */
function lineEnd(bytes: Buffer, from: number): number {
  let quoted = false;
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === 34) quoted = !quoted;
    else if (bytes[at] === 10 && !quoted) return at;
  }
  return -1;
}

function valuesIn(line: string): (string | undefined)[] {
  const values: (string | undefined)[] = [];
  const pattern = /(?:"((?:[^"]|"")*)")?(,|$)/gy;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    values.push(match[1]?.replaceAll('""', '"'));
    if (match[2] === '') return values;
  }
  throw new Error('a line of a result is damaged');
}
