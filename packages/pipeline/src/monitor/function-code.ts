import { crc32, deflateRawSync } from 'node:zlib';
import { joinS3Uri, objects } from '@tidegate/aws';
import { digestOf } from '../naming.ts';
import type { Surroundings } from '../surroundings.ts';
import type { AnalyserSettings } from './analyser-image.ts';
import { monitorPlaces } from './places.ts';
import { readProgram } from './program.ts';

/** Puts the analyser's code into S3 as Lambda takes it, by its content. Returns where it is. */
export async function storeFunctionCode(
  { program, functionProgram }: AnalyserSettings,
  artifactsUri: string,
  { aws, log }: Surroundings,
): Promise<string> {
  const files = { 'analyser.mjs': readProgram(program), 'index.mjs': readProgram(functionProgram) };
  const digest = digestOf(Object.values(files).map((content) => digestOf(content)));
  const uri = joinS3Uri(monitorPlaces(artifactsUri).functionCode, `${digest}.zip`);
  if ((await objects(aws).find(uri)) === undefined) {
    await objects(aws).upload(uri, { bytes: zipOf(files) }, 'application/zip');
    log.info(`Put the analyser’s code at ${uri}.`);
  }
  return uri;
}

/** 1 January 1980, the first day that a zip file knows: the same files are the same archive on any day. */
const DAY = 0x0021;
const DEFLATED = 8;
/** Made on Unix, with permissions: Lambda reads code as another user. */
const [VERSION, MADE_ON_UNIX, MODE] = [20, 0x0314, 0o100644];

/** Files as a zip archive (APPNOTE 6.3.10), without folders: Lambda's own reader and any other takes it. */
export function zipOf(files: Record<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content, { level: 9 });
    const path = Buffer.from(name);
    // From the version to the length of the extra field, the same in both headers.
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(VERSION, 0);
    facts.writeUInt16LE(DEFLATED, 4);
    facts.writeUInt16LE(DAY, 8);
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(path.length, 22);
    const local = [Buffer.from('PK\x03\x04', 'latin1'), facts, path, packed];
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(MODE * 0x10000, 6);
    rest.writeUInt32LE(at, 10);
    const maker = Buffer.alloc(2);
    maker.writeUInt16LE(MADE_ON_UNIX);
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), maker, facts, rest, path);
    parts.push(...local);
    at += local.reduce((sum, { length }) => sum + length, 0);
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  const count = Object.keys(files).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listing, end]);
}
