import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../user-error.ts';
import { chunksOf, nameOf, type Source } from './source.ts';

const BLOCK = 512;

/** A member of an archive may not be larger than this once unpacked. */
const MEMBER_LIMIT = 1 << 30;

/**
 * The first file named `member` (its last path segment) in a .tar.gz, in memory; nothing is written to disk, links and
 * devices are never followed.
 * @throws UserError when the archive is damaged or has no such member
 */
export async function readTarMember(source: Source, member: string): Promise<Uint8Array> {
  const file = nameOf(source);
  const found: Uint8Array[] = [];
  let isFound = false;
  let isWhole = false;
  const names: string[] = [];
  try {
    await pipeline(chunksOf(source), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      let buffered: Buffer = Buffer.alloc(0);
      // Bytes of the current member's body still to come, its padding included.
      let body = 0;
      let wanted = 0;
      for await (const chunk of chunks) {
        buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
        for (;;) {
          if (body > 0) {
            const part = buffered.subarray(0, body);
            if (wanted > 0) found.push(Buffer.from(part.subarray(0, Math.min(wanted, part.length))));
            wanted = Math.max(0, wanted - part.length);
            body -= part.length;
            buffered = buffered.subarray(part.length);
            isWhole = isFound && wanted === 0;
            if (isWhole) return;
          }
          if (body > 0 || buffered.length < BLOCK) break;
          const header = headerOf(buffered.subarray(0, BLOCK), file);
          buffered = buffered.subarray(BLOCK);
          if (!header) continue;
          names.push(header.name);
          body = Math.ceil(header.size / BLOCK) * BLOCK;
          if (!header.isFile || header.name.split('/').at(-1) !== member) continue;
          if (header.size > MEMBER_LIMIT)
            throw new UserError(`${header.name} is larger than 1 GiB`, { file });
          isFound = true;
          wanted = header.size;
          isWhole = wanted === 0;
          if (isWhole) return;
        }
      }
      if (isFound) throw new UserError(`ends in the middle of ${member}`, { file });
    });
  } catch (cause) {
    // Leaving a pipeline before its end aborts it, and whether it says so is a matter of timing.
    if (isWhole) return Buffer.concat(found);
    if (!(cause as NodeJS.ErrnoException).code?.startsWith('Z_')) throw cause;
    throw new UserError(`is damaged gzip: ${(cause as Error).message}`, { file }, { cause });
  }
  if (!isFound)
    throw new UserError(`holds no ${member}; it holds: ${names.slice(0, 20).join(', ') || 'nothing'}`, {
      file,
    });
  return Buffer.concat(found);
}

/** A ustar header; undefined for the zero blocks at the end. Long names (pax, GNU) only lengthen folders, which are not looked at. */
function headerOf(
  block: Buffer,
  file: string | undefined,
): { name: string; size: number; isFile: boolean } | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const text = (from: number, to: number): string => block.toString('utf8', from, to).replace(/\0.*$/s, '');
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (Number.parseInt(text(148, 156), 8) !== sum)
    throw new UserError('is not a tar archive: a header is damaged', { file });
  const size = Number.parseInt(text(124, 136), 8);
  if (!Number.isSafeInteger(size) || size < 0)
    throw new UserError('has a member of an unreadable size', { file });
  return { name: text(0, 100), size, isFile: block[156] === 0 || block[156] === 48 };
}
