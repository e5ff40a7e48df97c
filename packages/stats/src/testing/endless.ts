// Reads a gigabyte without an end of line, and prints how that ended and how much memory it took. Argument: what it begins with.
import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { profileSource } from '../profile/profile-files.ts';
import type { Source } from '../read/source.ts';

const [start = '', packed] = process.argv.slice(2);

function* gigabyte(): Generator<Buffer> {
  yield Buffer.from(start);
  const piece = Buffer.alloc(4 << 20, 'abcdefgh');
  for (let sent = 0; sent < 256; sent++) yield piece;
}

const plain = Readable.from(gigabyte(), { objectMode: false });
const source: Source = {
  stream: packed === 'gzip' ? plain.pipe(createGzip({ level: 1 })) : plain,
  name: 'endless',
};
const fault = await profileSource(source).then(() => 'none', String);
console.log(JSON.stringify({ fault, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }));
process.exit(0);
