/** What a tar header says. Owner and time are always 0, so that the same files give the same bytes. */
export type TarEntry = {
  /** Relative, with `/`; a folder's without the slash at its end. */
  path: string;
  kind: 'file' | 'directory' | 'symlink';
  /** Permission bits. */
  mode: number;
  sizeBytes: number;
  /** Of a symbolic link. */
  target?: string;
};

const block = 512;
/** The largest size that eleven octal digits can say; above it a pax record does. */
const maxOctalSize = 0o77777777777;
const typeOf = { file: '0', directory: '5', symlink: '2' } as const;

/**
 * An entry's header: one ustar block (POSIX.1-1988), with a pax extended header (POSIX.1-2001) before it only where
 * ustar cannot say a name or a size.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const path = nameOf(entry);
  const target = entry.target ?? '';
  const place = splitName(path);
  const records = paxRecords(entry);
  const own = ustar(place ?? { prefix: '', name: ascii(path).slice(-100) }, typeOf[entry.kind], {
    mode: entry.mode,
    sizeBytes: Math.min(entry.sizeBytes, maxOctalSize),
    target: ascii(target).slice(0, 100),
  });
  if (records === '') return own;
  const body = Buffer.from(records);
  const header = ustar({ prefix: '', name: 'pax' }, 'x', { mode: 0o644, sizeBytes: body.length, target: '' });
  return Buffer.concat([header, body, Buffer.alloc(paddingOf(body.length)), own]);
}

/** Bytes of a whole archive, known before anything is read. */
export function tarSize(entries: readonly TarEntry[]): number {
  return entries.reduce((sum, entry) => sum + entrySize(entry), tarEnd.length);
}

/** Bytes that an entry takes: header, body and padding. */
export function entrySize(entry: TarEntry): number {
  const records = Buffer.byteLength(paxRecords(entry));
  const header = records === 0 ? block : 2 * block + records + paddingOf(records);
  return header + entry.sizeBytes + paddingOf(entry.sizeBytes);
}

/** How many zeros follow a body of this size. */
export function paddingOf(sizeBytes: number): number {
  return (block - (sizeBytes % block)) % block;
}

/** The end of every archive. */
export const tarEnd = Buffer.alloc(2 * block);

function nameOf({ kind, path }: TarEntry): string {
  return kind === 'directory' ? `${path}/` : path;
}

/** What ustar's fields cannot say; '' where they can say it all. */
function paxRecords(entry: TarEntry): string {
  const path = nameOf(entry);
  const { target = '', sizeBytes } = entry;
  return [
    splitName(path) ? '' : paxRecord('path', path),
    fits(target, 100) ? '' : paxRecord('linkpath', target),
    sizeBytes > maxOctalSize ? paxRecord('size', String(sizeBytes)) : '',
  ].join('');
}

function ustar(
  place: { prefix: string; name: string },
  type: string,
  { mode, sizeBytes, target }: { mode: number; sizeBytes: number; target: string },
): Buffer {
  const header = Buffer.alloc(block);
  header.write(place.name, 0, 100, 'latin1');
  header.write(octal(mode, 7), 100, 'latin1');
  header.write(octal(0, 7), 108, 'latin1');
  header.write(octal(0, 7), 116, 'latin1');
  header.write(octal(sizeBytes, 11), 124, 'latin1');
  header.write(octal(0, 11), 136, 'latin1');
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(target, 157, 100, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(place.prefix, 345, 155, 'latin1');
  let sum = 0;
  // By index: a hundred thousand steps of an iterator would take longer than reading the files.
  for (let at = 0; at < block; at++) sum += header[at] ?? 0;
  header.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return header;
}

/** Cuts a name into ustar's two fields at a slash; undefined where that cannot be done. */
function splitName(path: string): { prefix: string; name: string } | undefined {
  if (fits(path, 100)) return { prefix: '', name: path };
  const slash = path.indexOf('/', path.length - 101);
  if (slash <= 0 || slash === path.length - 1 || !fits(path, 256) || slash > 155) return undefined;
  return { prefix: path.slice(0, slash), name: path.slice(slash + 1) };
}

function fits(text: string, length: number): boolean {
  return text.length <= length && isAscii(text);
}

function isAscii(text: string): boolean {
  // Without control characters: readers disagree on those in ustar's fields.
  return /^[\x20-\x7e]*$/.test(text);
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '_');
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return `${length} ${key}=${value}\n`;
}
