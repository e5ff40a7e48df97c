import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CompleteMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { checksumMembers, running, type ChecksumMembers, type StoredChecksum } from './checksums.ts';
import { commitObject } from './commit.ts';
import { requireUpload } from './multipart.ts';
import { dropBody, nothingExpected, readBody, storeBody } from './object-files.ts';
import { uploads, type PartRecord, type UploadRecord } from './upload-records.ts';

/** Every part but the last has at least 5 MiB. */
const smallestPartBytes = 5 * 1024 * 1024;

export function completeUploadOperations(world: World): Record<string, Operation> {
  return {
    async CompleteMultipartUpload(input: CompleteMultipartUploadCommandInput) {
      const upload = requireUpload(world, input);
      const parts = chosenParts(upload, input);
      const wholeAlgorithm = upload.checksum?.type === 'FULL_OBJECT' ? upload.checksum.algorithm : undefined;
      const body = Readable.from(bytesOf(world, parts), { objectMode: false });
      const stored = await storeBody(world, body, { ...nothingExpected, algorithm: wholeAlgorithm });
      const checksum = stored.checksum ?? compositeChecksum(upload, parts);
      const etag = `${md5OfMd5s(parts)}-${parts.length}`;
      try {
        verifyWhole(input, stored.size, checksum);
        requireUpload(world, input);
      } catch (error) {
        dropBody(world, stored.file);
        throw error;
      }
      const record = {
        key: upload.key,
        file: stored.file,
        size: stored.size,
        etag,
        modified: world.clock.now(),
        content: upload.content,
        metadata: upload.metadata,
        tags: upload.tags,
        ...(checksum && { checksum }),
        partSizes: parts.map(({ size }) => size),
      };
      commitObject(world, upload.bucket, record, 'CompleteMultipartUpload', input);
      uploads(world).delete(upload.id);
      for (const { file } of Object.values(upload.parts)) dropBody(world, file);
      const location = `${world.endpoint}/${upload.bucket}/${encodeURIComponent(upload.key)}`;
      return {
        Location: location,
        Bucket: upload.bucket,
        Key: upload.key,
        ETag: `"${etag}"`,
        ...checksumMembers(checksum),
      };
    },
  };
}

/** The parts that the client names, which need not be all that were uploaded. */
function chosenParts(upload: UploadRecord, input: CompleteMultipartUploadCommandInput): PartRecord[] {
  const named = input.MultipartUpload?.Parts ?? [];
  if (named.length === 0) {
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  const parts: PartRecord[] = [];
  for (const { PartNumber, ETag, ...given } of named) {
    const part = upload.parts[PartNumber ?? 0];
    const checksum = part?.checksum && (given as ChecksumMembers)[`Checksum${part.checksum.algorithm}`];
    const differs = checksum !== undefined && checksum !== part?.checksum?.value;
    if (part === undefined || ETag?.replaceAll('"', '') !== part.md5 || differs) {
      const text =
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      throw new AwsError('InvalidPart', text, 400, { UploadId: upload.id, PartNumber, ETag });
    }
    if (part.number <= (parts.at(-1)?.number ?? 0)) {
      throw new AwsError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
    parts.push(part);
  }
  const small = parts.slice(0, -1).find(({ size }) => size < smallestPartBytes);
  if (small) {
    const details = {
      ProposedSize: small.size,
      MinSizeAllowed: smallestPartBytes,
      PartNumber: small.number,
      ETag: small.md5,
    };
    throw new AwsError(
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
      400,
      details,
    );
  }
  return parts;
}

async function* bytesOf(world: World, parts: readonly PartRecord[]) {
  for (const { file, size } of parts) if (size > 0) yield* readBody(world, file);
}

function md5OfMd5s(parts: readonly PartRecord[]) {
  const hash = createHash('md5');
  for (const { md5 } of parts) hash.update(Buffer.from(md5, 'hex'));
  return hash.digest('hex');
}

/** The checksum of the parts' checksums, where each part has one of the upload's algorithm. */
function compositeChecksum(upload: UploadRecord, parts: readonly PartRecord[]): StoredChecksum | undefined {
  if (upload.checksum === undefined) return undefined;
  const { algorithm } = upload.checksum;
  const total = running(algorithm);
  for (const { checksum } of parts) {
    if (checksum?.algorithm !== algorithm) return undefined;
    total.update(Buffer.from(checksum.value, 'base64'));
  }
  return { algorithm, value: `${total.digest().toString('base64')}-${parts.length}`, type: 'COMPOSITE' };
}

function verifyWhole(
  input: CompleteMultipartUploadCommandInput,
  size: number,
  checksum: StoredChecksum | undefined,
) {
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw new AwsError(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    );
  }
  const given = checksum && (input as ChecksumMembers)[`Checksum${checksum.algorithm}`];
  if (
    given === undefined ||
    given === checksum?.value ||
    `${given}-${checksum?.value.split('-')[1] ?? ''}` === checksum?.value
  )
    return;
  throw new AwsError(
    'BadDigest',
    `The ${checksum?.algorithm} you specified did not match the calculated checksum.`,
  );
}
