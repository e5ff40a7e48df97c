import { open, type FileHandle } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { given } from './answers.ts';
import type { S3Location } from './s3-uri.ts';

export type UploadSource = { file: string } | { bytes: Uint8Array };

const PART_BYTES = 8 << 20;
const MOST_PARTS = 10_000;
const AT_ONCE = 4;

/** One PUT up to two parts' size, parts in parallel above; memory stays at four parts however large the file is. */
export async function uploadObject(
  client: S3Client,
  to: S3Location,
  source: UploadSource,
  contentType: string | undefined,
): Promise<void> {
  const target = { Bucket: to.bucket, Key: to.key };
  const typed = { ...target, ...(contentType ? { ContentType: contentType } : {}) };
  if ('bytes' in source) {
    await client.send(new PutObjectCommand({ ...typed, Body: source.bytes }));
    return;
  }
  await using file = await open(source.file);
  const { size } = await file.stat();
  if (size <= 2 * PART_BYTES) {
    await client.send(
      new PutObjectCommand({ ...typed, Body: await read(file, Buffer.allocUnsafe(size), 0) }),
    );
    return;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(typed));
  const upload = { ...target, UploadId: given(UploadId, 'UploadId') };
  try {
    const Parts = await uploadParts(client, upload, file, size);
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    // Parts of an upload that was given up are stored, and paid for, until it is called off.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}

async function uploadParts(
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string },
  file: FileHandle,
  size: number,
): Promise<{ PartNumber: number; ETag: string }[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS));
  const count = Math.ceil(size / partBytes);
  const parts: { PartNumber: number; ETag: string }[] = [];
  let next = 0;
  const worker = async () => {
    const buffer = Buffer.allocUnsafeSlow(partBytes);
    while (next < count) {
      const index = next;
      next += 1;
      const start = index * partBytes;
      const Body = await read(file, buffer.subarray(0, Math.min(partBytes, size - start)), start);
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber: index + 1, Body }));
      parts[index] = { PartNumber: index + 1, ETag: given(ETag, 'ETag') };
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
  return parts;
}

async function read(file: FileHandle, into: Buffer, from: number): Promise<Buffer> {
  for (let filled = 0; filled < into.length;) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, from + filled);
    if (bytesRead === 0) throw new Error('the file became shorter while it was uploaded');
    filled += bytesRead;
  }
  return into;
}
