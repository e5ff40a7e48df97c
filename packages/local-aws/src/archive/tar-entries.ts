/** One entry of an archive; the body must be read, or skipped by asking for the next entry. */
export type TarEntry = {
  /** As written in the archive, PAX and GNU long names resolved. */
  path: string;
  kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  /** Permission bits, with those of setuid, setgid and sticky. */
  mode: number;
  /** Of a file; 0 of anything else. */
  sizeBytes: number;
  /** What a link points to. */
  target: string;
  body: AsyncIterable<Buffer>;
};

/** An archive that is cut off, or no archive. */
export class BadArchive extends Error {}

/** Reads a tar archive (ustar, pax, GNU long names) as it streams by: nothing but the current block is held. */
export async function* tarEntries(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const reader = byteReader(source);
  let overrides: Record<string, string> = {};
  for (;;) {
    const header = await reader.take(512);
    if (header.every((byte) => byte === 0)) return;
    if (header.length < 512) throw new BadArchive('the archive is cut short');
    requireChecksum(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const sizeBytes = Number(overrides['size'] ?? numberField(header, 124, 12));
    const padding = (512 - (sizeBytes % 512)) % 512;
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      if (sizeBytes > 1 << 20) throw new BadArchive('the archive has a header of over 1 MiB');
      const text = await reader.exactly(sizeBytes);
      await reader.exactly(padding);
      if (type === 'x') overrides = { ...overrides, ...paxRecords(text) };
      else if (type === 'L') overrides['path'] = text.toString().replace(/\0.*$/s, '');
      else if (type === 'K') overrides['linkpath'] = text.toString().replace(/\0.*$/s, '');
      continue;
    }
    const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textField(header, 345, 155) : '';
    const name = textField(header, 0, 100);
    let left = kindOf(type) === 'file' ? sizeBytes : 0;
    const rest = kindOf(type) === 'file' ? padding : sizeBytes + padding;
    yield {
      path: overrides['path'] ?? (prefix ? `${prefix}/${name}` : name),
      kind: kindOf(type),
      mode: numberField(header, 100, 8) & 0o7777,
      sizeBytes: left,
      target: overrides['linkpath'] ?? textField(header, 157, 100),
      body: {
        async *[Symbol.asyncIterator]() {
          while (left > 0) {
            const chunk = await reader.some(left);
            left -= chunk.length;
            yield chunk;
          }
        },
      },
    };
    overrides = {};
    while (left > 0) left -= (await reader.some(left)).length;
    for (let skip = rest; skip > 0;) skip -= (await reader.some(skip)).length;
  }
}

function kindOf(type: string): TarEntry['kind'] {
  if (type === '0' || type === '\0' || type === '7') return 'file';
  if (type === '5') return 'directory';
  if (type === '2') return 'symlink';
  return type === '1' ? 'hardlink' : 'other';
}

function requireChecksum(header: Buffer): void {
  let sum = 8 * 32;
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  if (sum !== numberField(header, 148, 8))
    throw new BadArchive('this is not a tar archive, or it is damaged');
}

function textField(header: Buffer, at: number, length: number): string {
  const end = header.indexOf(0, at);
  return header.toString('utf8', at, end === -1 || end > at + length ? at + length : end);
}

/** Octal text, or base 256 where the first bit is set (GNU, for sizes over 8 GiB). */
function numberField(header: Buffer, at: number, length: number): number {
  if ((header[at] ?? 0) & 0x80) {
    let value = (header[at] ?? 0) & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + (header[at + i] ?? 0);
    return value;
  }
  return Number.parseInt(textField(header, at, length).trim() || '0', 8);
}

function paxRecords(text: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(32, at);
    const length = Number(text.toString('latin1', at, space));
    if (!Number.isSafeInteger(length) || length < 5)
      throw new BadArchive('the archive has a damaged PAX header');
    const [key = '', ...value] = text.toString('utf8', space + 1, at + length - 1).split('=');
    records[key] = value.join('=');
    at += length;
  }
  return records;
}

/** Reads a stream of chunks by the byte. */
function byteReader(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const fill = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (!next.done) held = held.length > 0 ? Buffer.concat([held, next.value]) : next.value;
    return !next.done;
  };
  const cut = (length: number): Buffer => {
    const part = held.subarray(0, length);
    held = held.subarray(length);
    return part;
  };
  /** Up to `length` bytes; fewer only at the end. */
  const take = async (length: number): Promise<Buffer> => {
    while (held.length < length && (await fill()));
    return cut(length);
  };
  return {
    take,
    /** At least one byte and at most `length`. */
    async some(length: number): Promise<Buffer> {
      while (held.length === 0) if (!(await fill())) throw new BadArchive('the archive is cut short');
      return cut(length);
    },
    async exactly(length: number): Promise<Buffer> {
      const part = await take(length);
      if (part.length < length) throw new BadArchive('the archive is cut short');
      return part;
    },
  };
}
