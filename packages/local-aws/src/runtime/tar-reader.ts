import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ContainerError } from './container-error.ts';

export type TarEntry = {
  /** As written in the archive, PAX and GNU long names resolved. */
  path: string;
  type: 'file' | 'folder' | 'symbolic link' | 'hard link' | 'device';
  /** Of a link. */
  target: string;
  /** Permission bits. */
  mode: number;
  /** Of a file, in bytes. */
  size: number;
  /** The file's content; whatever the consumer leaves unread is skipped. */
  content: AsyncIterable<Buffer>;
};

const block = 512;

/**
 * The entries of a tar stream (ustar, GNU and PAX), plain or gzipped, in their order.
 * @throws ContainerError when the stream is no tar archive or ends too early
 */
export async function* tarEntries(archive: Readable): AsyncGenerator<TarEntry> {
  const bytes = await openBytes(archive);
  let long: { path?: string; linkpath?: string; size?: string } = {};
  for (;;) {
    const header = await bytes.take(block);
    if (header === undefined || header.every((byte) => byte === 0)) return;
    if (!checksumFits(header)) throw new ContainerError('this is not a tar archive, or it is damaged');
    const type = String.fromCharCode(header[156] ?? 0);
    const size = long.size === undefined ? number(header, 124, 12) : Number(long.size);
    if (type === 'L' || type === 'K' || type === 'x' || type === 'g') {
      const text = (await bytes.exactly(size)).toString();
      await bytes.exactly(padding(size));
      if (type === 'L') long.path = text.replace(/\0.*$/s, '');
      else if (type === 'K') long.linkpath = text.replace(/\0.*$/s, '');
      else if (type === 'x') long = { ...long, ...paxRecords(text) };
      continue;
    }
    const kind = kinds[type] ?? 'device';
    const length = kind === 'file' ? size : 0;
    let left = length;
    const content = (async function* () {
      while (left > 0) {
        const chunk = await bytes.some(left);
        left -= chunk.length;
        yield chunk;
      }
    })();
    yield {
      path: long.path ?? ustarPath(header),
      type: kind,
      target: long.linkpath ?? text(header, 157, 100),
      mode: number(header, 100, 8) & 0o777,
      size: length,
      content,
    };
    while (left > 0) left -= (await bytes.some(left)).length;
    await bytes.exactly(padding(length));
    long = {};
  }
}

const kinds: Record<string, TarEntry['type']> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '5': 'folder',
};

/** A pull-reader over a stream: as many bytes as asked for, or what is at hand. */
async function openBytes(archive: Readable) {
  const raw = archive[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await raw.next();
  let buffer: Buffer = first.done === true ? Buffer.alloc(0) : first.value;
  let source = raw;
  if (buffer[0] === 0x1f && buffer[1] === 0x8b) {
    const gunzip = createGunzip();
    // An error of the archive reaches the reader through gunzip, which the pipeline destroys with it.
    pipeline(Readable.from(startingWith(buffer, raw)), gunzip).catch(() => {});
    buffer = Buffer.alloc(0);
    source = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }
  const more = async () => {
    const next = await source.next().catch((error: unknown) => {
      throw new ContainerError('the archive is damaged or cut short', { cause: error });
    });
    if (next.done === true) return false;
    buffer = buffer.length === 0 ? next.value : Buffer.concat([buffer, next.value]);
    return true;
  };
  const cut = (length: number) => {
    const head = buffer.subarray(0, length);
    buffer = buffer.subarray(length);
    return head;
  };
  /** `undefined` at the end of the stream. */
  const take = async (length: number): Promise<Buffer | undefined> => {
    while (buffer.length < length && (await more()));
    if (buffer.length === 0 && length > 0) return undefined;
    if (buffer.length < length) throw new ContainerError('the archive is cut short');
    return cut(length);
  };
  return {
    take,
    async exactly(length: number): Promise<Buffer> {
      const bytes = await take(length);
      if (bytes === undefined) throw new ContainerError('the archive is cut short');
      return bytes;
    },
    async some(most: number): Promise<Buffer> {
      if (buffer.length === 0 && !(await more())) throw new ContainerError('the archive is cut short');
      return cut(Math.min(most, buffer.length));
    },
  };
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

const padding = (size: number) => (block - (size % block)) % block;

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

/** Octal, or big-endian binary where the first bit is set (GNU, for sizes from 8 GiB). */
function number(header: Buffer, start: number, length: number): number {
  const field = header.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(text(header, start, length).trim() || '0', 8);
  return field.subarray(1).reduce((total, byte) => total * 256 + byte, 0);
}

function ustarPath(header: Buffer): string {
  const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
  return prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`;
}

function checksumFits(header: Buffer): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  return sum === number(header, 148, 8);
}

/** `"<length> <key>=<value>\n"` records, whose lengths count bytes. */
function paxRecords(records: string): Record<string, string> {
  const bytes = Buffer.from(records);
  const found: Record<string, string> = {};
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(32, start);
    const length = Number.parseInt(bytes.toString('utf8', start, space), 10);
    if (space === -1 || !(length > 0)) throw new ContainerError('the archive has a damaged PAX header');
    const record = bytes.toString('utf8', space + 1, start + length - 1);
    const equals = record.indexOf('=');
    found[record.slice(0, equals)] = record.slice(equals + 1);
    start += length;
  }
  return found;
}
