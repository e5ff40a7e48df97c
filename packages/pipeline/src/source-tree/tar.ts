import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '@tidegate/aws';
import { digestOf } from '../naming.ts';
import type { SourceTree, TreeFile } from './read-tree.ts';

const BLOCK = 512;

/**
 * A POSIX tar of a tree, the same bytes for the same content: no times, no owners, names in order.
 * Format: POSIX.1-1988 ustar, and pax headers (POSIX.1-2001) for names that do not fit it.
 * @throws UserError when a file is no longer what was read
 */
export async function* tarOf(tree: SourceTree): AsyncGenerator<Buffer> {
  for (const file of tree.files) {
    if (needsPax(file)) yield* paxHeader(file);
    yield header(file, file.type === 'file' ? file.sizeBytes : 0);
    if (file.type === 'link') continue;
    const bytes = await readFile(path.join(tree.root, file.path));
    if (digestOf(bytes) !== file.sha256) throw new UserError(`${file.path} was changed while it was packed.`);
    yield bytes;
    yield padding(bytes.length);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function header(file: TreeFile, size: number): Buffer {
  const executable = file.type === 'file' && file.executable;
  return rawHeader({
    name: file.path,
    mode: file.type === 'link' ? 0o777 : executable ? 0o755 : 0o644,
    size,
    type: file.type === 'link' ? '2' : '0',
    link: file.type === 'link' ? file.target : '',
  });
}

function rawHeader(entry: { name: string; mode: number; size: number; type: string; link: string }): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(entry.name.slice(0, 100), 0, 100, 'utf8');
  octal(block, entry.mode, 100, 8);
  octal(block, 0, 108, 8);
  octal(block, 0, 116, 8);
  octal(block, entry.size, 124, 12);
  octal(block, 0, 136, 12);
  block.fill(' ', 148, 156);
  block.write(entry.type, 156, 1, 'ascii');
  block.write(entry.link.slice(0, 100), 157, 100, 'utf8');
  block.write('ustar\x0000', 257, 'ascii');
  octal(block, checksum(block), 148, 7);
  return block;
}

const isPlain = (text: string) => text.length <= 100 && /^[\x20-\x7e]*$/.test(text);

function needsPax(file: TreeFile): boolean {
  return !isPlain(file.path) || (file.type === 'link' && !isPlain(file.target));
}

function* paxHeader(file: TreeFile): Generator<Buffer> {
  const records = [
    paxRecord('path', file.path),
    file.type === 'link' ? paxRecord('linkpath', file.target) : '',
  ];
  const body = Buffer.from(records.join(''));
  yield rawHeader({ name: 'pax-header', mode: 0o644, size: body.length, type: 'x', link: '' });
  yield body;
  yield padding(body.length);
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length += 1;
  return `${length} ${key}=${value}\n`;
}

function octal(block: Buffer, value: number, at: number, width: number): void {
  block.write(value.toString(8).padStart(width - 1, '0') + '\0', at, width, 'ascii');
}

function checksum(block: Buffer): number {
  return block.reduce((sum, byte) => sum + byte, 0);
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
