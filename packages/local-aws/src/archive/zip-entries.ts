import { crc32, inflateRawSync } from 'node:zlib';

/** A zip file that cannot be read: damaged, encrypted, or with something in it that no function's code has. */
export class BadZip extends Error {
  override readonly name = 'BadZip';
}

export type ZipEntry = {
  /** With slashes, as it stands in the archive. A folder's ends with one. */
  path: string;
  /** Permission bits of a Unix file; 0 where the archive was made elsewhere. */
  mode: number;
  isLink: boolean;
  size: number;
  /** @throws BadZip where what is unpacked is not what was packed */
  content(): Buffer;
};

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const [STORED, DEFLATED] = [0, 8];

/**
 * The entries of a zip archive by its central directory (APPNOTE 6.3.10), which is what counts: what stands between entries is not read.
 * @throws BadZip
 */
export function zipEntries(archive: Buffer): ZipEntry[] {
  const end = endOfDirectory(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw new BadZip('archives of the Zip64 form are not read');
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i += 1) {
    if (at + 46 > end || archive.readUInt32LE(at) !== ENTRY) throw new BadZip('its directory is damaged');
    const flags = archive.readUInt16LE(at + 8);
    if ((flags & 1) !== 0) throw new BadZip('it is encrypted');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((of) => archive.readUInt16LE(at + of));
    const path = archive.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    const mode = archive.readUInt32LE(at + 38) >>> 16;
    entries.push({
      path,
      mode: mode & 0o777,
      isLink: (mode & 0o170000) === 0o120000,
      size: archive.readUInt32LE(at + 24),
      content: contentOf(archive, at, path),
    });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
}

/** The record at the end, before a comment of at most 65,535 bytes. */
function endOfDirectory(archive: Buffer): number {
  for (let at = archive.length - 22; at >= Math.max(0, archive.length - 22 - 0xffff); at -= 1)
    if (archive.readUInt32LE(at) === END) return at;
  throw new BadZip('it is no zip archive');
}

function contentOf(archive: Buffer, entry: number, path: string): () => Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const sum = archive.readUInt32LE(entry + 16);
  const packed = archive.readUInt32LE(entry + 20);
  const size = archive.readUInt32LE(entry + 24);
  const local = archive.readUInt32LE(entry + 42);
  return () => {
    const damaged = (cause?: unknown) => new BadZip(`"${path}" is damaged`, { cause });
    if (local + 30 > archive.length || archive.readUInt32LE(local) !== LOCAL) throw damaged();
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const bytes = archive.subarray(from, from + packed);
    if (method !== STORED && method !== DEFLATED)
      throw new BadZip(`"${path}" is packed by method ${method}; stored and deflated files are read`);
    let content: Buffer;
    try {
      // A directory may lie about a size: no more than it says is unpacked.
      content = method === STORED ? bytes : inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
    } catch (cause) {
      throw damaged(cause);
    }
    if (content.length !== size || crc32(content) !== sum) throw damaged();
    return content;
  };
}
