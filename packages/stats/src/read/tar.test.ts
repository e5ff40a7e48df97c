import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readTarMember } from './tar.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tar-'));
});

afterAll(() => rm(folder, { recursive: true }));

function member(name: string, content: string, type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${Buffer.byteLength(content).toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\0', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}

async function archive(...members: Buffer[]): Promise<string> {
  const file = join(folder, `${members.length}-${Math.trunc(members[0]?.length ?? 0)}.tar.gz`);
  await writeFile(file, gzipSync(Buffer.concat([...members, Buffer.alloc(1024)])));
  return file;
}

test('a member is found by its name, at any depth and among others', async () => {
  const long = 'a,b\n'.repeat(200_000);
  const file = await archive(
    member('model.onnx', 'x'.repeat(3000)),
    member('./out/baseline.csv', long),
    member('z', ''),
  );
  expect(Buffer.from(await readTarMember({ file }, 'baseline.csv')).toString()).toBe(long);
});

test('a small archive is read every time, however its end and the reader’s meet', async () => {
  const file = await archive(member('baseline.csv', 'a\n1\n'.repeat(200)), member('y', ''));
  const sizes = new Set<number>();
  for (let time = 0; time < 100; time += 1) sizes.add((await readTarMember({ file }, 'baseline.csv')).length);
  expect([...sizes]).toEqual([800]);
});

test('links are never followed, and what is missing is said with what is there', async () => {
  const file = await archive(member('baseline.csv', '', '2'), member('other.csv', 'a\n'));
  await expect(readTarMember({ file }, 'baseline.csv')).rejects.toThrow(
    `${file}: holds no baseline.csv; it holds: baseline.csv, other.csv`,
  );
});

test('a damaged archive is refused', async () => {
  const cut = join(folder, 'cut.tar.gz');
  await writeFile(cut, gzipSync(member('baseline.csv', 'x'.repeat(5000)).subarray(0, 1500)));
  await expect(readTarMember({ file: cut }, 'baseline.csv')).rejects.toThrow(
    `${cut}: ends in the middle of baseline.csv`,
  );
  const bent = join(folder, 'bent.tar.gz');
  await writeFile(bent, gzipSync(Buffer.alloc(2048, 1)));
  await expect(readTarMember({ file: bent }, 'x')).rejects.toThrow(
    'is not a tar archive: a header is damaged',
  );
  const plain = join(folder, 'plain.tar.gz');
  await writeFile(plain, 'not gzip');
  await expect(readTarMember({ file: plain }, 'x')).rejects.toThrow('plain.tar.gz: is damaged gzip');
  await expect(readTarMember({ file: join(folder, 'none.tar.gz') }, 'x')).rejects.toThrow(
    'there is no such file',
  );
});
