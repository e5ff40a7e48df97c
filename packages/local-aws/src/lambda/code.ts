import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { BadZip, zipEntries, type ZipEntry } from '../archive/zip-entries.ts';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { readObject } from '../s3/objects.ts';
import { invalidParameter, type VersionRecord } from './records.ts';

/* A function's code lies below `<directory>/lambda/code`, by the hash of its zip file: the file itself, and what was unpacked of it. */

export type StoredCode = Pick<VersionRecord, 'codeSha256' | 'codeSize'>;

const mostUnpacked = 250 << 20;

/**
 * Takes in a zip file and unpacks it, all of it or nothing.
 * @throws AwsError InvalidParameterValueException for what is no zip file, is too large or leaves its folder
 */
export async function storeCode(world: World, code: FunctionCode): Promise<StoredCode> {
  if (code.ImageUri !== undefined) throw notBuilt('lambda: functions of PackageType Image');
  const zip = await zipOf(world, code);
  const hash = createHash('sha256').update(zip);
  const codeSha256 = hash.digest('base64');
  const stored = { codeSha256, codeSize: zip.length };
  const folder = codeFolder(world, stored);
  if (existsSync(folder)) return stored;
  await mkdir(dirname(folder), { recursive: true });
  const stage = await mkdtemp(`${folder}-`);
  try {
    await unpack(zip, stage);
    await writeFile(zipFile(world, stored), zip);
    await rename(stage, folder).catch((error: NodeJS.ErrnoException) => {
      // Somebody else has put the same code there meanwhile.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return stored;
}

const hex = ({ codeSha256 }: StoredCode) => Buffer.from(codeSha256, 'base64').toString('hex');
export const codeFolder = (world: World, code: StoredCode) =>
  join(world.directory, 'lambda', 'code', hex(code));
const zipFile = (world: World, code: StoredCode) => `${codeFolder(world, code)}.zip`;

/** Where GetFunction says that the zip file can be fetched: a path that no bucket's name begins. */
export const codePath = /^\/_lambda\/code\/([0-9a-f]{64})\.zip$/;
export const codeLocation = (world: World, code: StoredCode) =>
  `${world.endpoint}/_lambda/code/${hex(code)}.zip`;

/** @throws AwsError ResourceNotFoundException */
export async function readZip(world: World, path: string): Promise<Buffer> {
  const [, name = ''] = codePath.exec(path) ?? [];
  return await readFile(join(world.directory, 'lambda', 'code', `${name}.zip`)).catch(() => {
    throw new AwsError('ResourceNotFoundException', 'There is no such code.', 404);
  });
}

async function zipOf(world: World, code: FunctionCode): Promise<Buffer> {
  const { ZipFile, S3Bucket, S3Key, S3ObjectVersion, S3ObjectStorageMode } = code;
  if (S3ObjectVersion !== undefined) throw notBuilt('lambda: S3ObjectVersion');
  if (S3ObjectStorageMode === 'REFERENCE') throw notBuilt('lambda: S3ObjectStorageMode REFERENCE');
  if (ZipFile !== undefined) return Buffer.from(ZipFile);
  if (S3Bucket === undefined || S3Key === undefined)
    throw invalidParameter('Please provide a source for function code.');
  try {
    return await readObject(world, S3Bucket, S3Key);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidParameter(
      `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
    );
  }
}

async function unpack(zip: Buffer, folder: string): Promise<void> {
  try {
    const entries = zipEntries(zip);
    if (entries.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
    if (entries.reduce((sum, { size }) => sum + size, 0) > mostUnpacked)
      throw invalidParameter(`Unzipped size must be smaller than ${mostUnpacked} bytes`);
    for (const entry of entries) await unpackEntry(entry, folder);
  } catch (error) {
    if (!(error instanceof BadZip)) throw error;
    throw invalidParameter(
      `Could not unzip uploaded file. Please check your file, then try to upload again: ${error.message}.`,
    );
  }
}

async function unpackEntry(entry: ZipEntry, folder: string): Promise<void> {
  const path = normalize(entry.path);
  if (path.startsWith('..') || path.startsWith('/')) throw new BadZip(`"${entry.path}" leaves its folder`);
  if (entry.isLink) throw new BadZip(`"${entry.path}" is a link`);
  const target = join(folder, path);
  if (entry.path.endsWith('/')) return void (await mkdir(target, { recursive: true }));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, entry.content(), { mode: entry.mode | 0o600 });
}
