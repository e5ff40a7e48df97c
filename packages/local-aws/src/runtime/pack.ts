import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Model files hardly compress: the fastest level loses little. */
const gzipLevel = 1;

/** Files, folders and links below `folders` as one `tar.gz` file, in the order of their names; a later folder adds to an earlier one. */
export async function packTo(file: string, folders: string[]): Promise<void> {
  await pipeline(Readable.from(tarOf(folders)), createGzip({ level: gzipLevel }), createWriteStream(file));
}

/** Relative paths of all files below `folder`, sorted; links are left out, as SageMaker's upload leaves them out. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function* tarOf(folders: string[]): AsyncGenerator<Buffer> {
  for (const folder of folders) {
    for (const path of await filesBelow(folder)) {
      const file = join(folder, path);
      const { size, mode, mtimeMs } = await lstat(file);
      yield header(path, size, mode & 0o777, Math.floor(mtimeMs / 1000));
      let written = 0;
      // A file that still grows is cut where its header says: the archive stays readable.
      if (size > 0) {
        for await (const chunk of createReadStream(file, { end: size - 1 })) {
          written += (chunk as Buffer).length;
          yield chunk as Buffer;
        }
      }
      yield Buffer.alloc(size - written + ((512 - (size % 512)) % 512));
    }
  }
  yield Buffer.alloc(1024);
}

/** One ustar header, with a PAX record before it where the name or the size does not fit. */
function header(path: string, size: number, mode: number, mtime: number): Buffer {
  const records: string[] = [];
  if (Buffer.byteLength(path) > 100) records.push(record('path', path));
  if (size >= 8 ** 11) records.push(record('size', String(size)));
  const own = block(path, records.length > 0 && size >= 8 ** 11 ? 0 : size, mode, mtime, '0');
  if (records.length === 0) return own;
  const pax = Buffer.from(records.join(''));
  return Buffer.concat([
    block('PaxHeader', pax.length, 0o644, mtime, 'x'),
    pax,
    Buffer.alloc((512 - (pax.length % 512)) % 512),
    own,
  ]);
}

function block(path: string, size: number, mode: number, mtime: number, type: string): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write(path.slice(0, 100), 0, 100);
  bytes.write(octal(mode, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(size, 11), 124);
  bytes.write(octal(mtime, 11), 136);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write('ustar\u000000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148);
  return bytes;
}

const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');

/** A PAX record counts its own length, digits included. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}
