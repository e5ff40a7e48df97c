import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type {
  AbortMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
  ListMultipartUploadsCommandInput,
  ListPartsCommandInput,
  UploadPartCommandInput,
  UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import { AwsError } from '../kernel/errors.ts';
import type { Call, Operation, World } from '../kernel/world.ts';
import { httpStatus } from '../protocols/wire.ts';
import { checksumAlgorithm, checksumMembers, expectations, type BodyExpectations } from './checksums.ts';
import { copySource } from './copy-object.ts';
import { dropBody, nothingExpected, readBody, storeBody, type StoredBody } from './object-files.ts';
import { checkedKey, contentHeaders, parseTagging } from './put-object.ts';
import { requireBucket } from './records.ts';
import { uploads, type UploadRecord } from './upload-records.ts';

export function multipartOperations(world: World): Record<string, Operation> {
  return {
    CreateMultipartUpload(input: CreateMultipartUploadCommandInput) {
      const bucket = requireBucket(world, input.Bucket).name;
      const algorithm = checksumAlgorithm(input.ChecksumAlgorithm);
      const type = input.ChecksumType ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
      const upload: UploadRecord = {
        id: randomBytes(32).toString('base64url'),
        bucket,
        key: checkedKey(input.Key),
        initiated: world.clock.now(),
        content: contentHeaders(input),
        metadata: input.Metadata ?? {},
        tags: parseTagging(input.Tagging),
        ...(algorithm && { checksum: { algorithm, type } }),
        parts: {},
      };
      uploads(world).put(upload.id, upload);
      return {
        Bucket: bucket,
        Key: upload.key,
        UploadId: upload.id,
        ...(algorithm && { ChecksumAlgorithm: algorithm, ChecksumType: type }),
      };
    },

    async UploadPart(input: UploadPartCommandInput, call: Call) {
      const upload = requireUpload(world, input);
      checkPartNumber(input.PartNumber);
      const expected = withUploadsAlgorithm(expectations(input, call.headers, call.trailers), upload);
      const stored = await storeBody(world, input.Body as Readable | undefined, expected);
      putPart(world, input, stored);
      return { ETag: `"${stored.md5}"`, ...checksumMembers(stored.checksum), ChecksumType: undefined };
    },

    async UploadPartCopy(input: UploadPartCopyCommandInput) {
      const upload = requireUpload(world, input);
      checkPartNumber(input.PartNumber);
      const { record } = copySource(world, input);
      const range = /^bytes=(\d+)-(\d+)$/.exec(input.CopySourceRange ?? '');
      const bounds = range ? { start: Number(range[1]), end: Number(range[2]) } : undefined;
      if (bounds && (bounds.end >= record.size || bounds.start > bounds.end)) {
        throw new AwsError(
          'InvalidArgument',
          `Range specified is not valid for source object of size: ${record.size}`,
        );
      }
      const stored = await storeBody(
        world,
        readBody(world, record.file, bounds),
        withUploadsAlgorithm(nothingExpected, upload),
      );
      putPart(world, input, stored);
      return {
        CopyPartResult: {
          ETag: `"${stored.md5}"`,
          LastModified: new Date(world.clock.now()),
          ...checksumMembers(stored.checksum),
        },
      };
    },

    AbortMultipartUpload(input: AbortMultipartUploadCommandInput) {
      const upload = requireUpload(world, input);
      uploads(world).delete(upload.id);
      for (const { file } of Object.values(upload.parts)) dropBody(world, file);
      return { [httpStatus]: 204 };
    },

    ListParts(input: ListPartsCommandInput) {
      const upload = requireUpload(world, input);
      const after = Number(input.PartNumberMarker ?? 0);
      const maxParts = Math.min(input.MaxParts ?? 1000, 1000);
      const rest = Object.values(upload.parts).filter(({ number }) => number > after);
      const page = rest.sort((a, b) => a.number - b.number).slice(0, maxParts);
      const truncated = page.length < rest.length;
      return {
        Bucket: upload.bucket,
        Key: upload.key,
        UploadId: upload.id,
        PartNumberMarker: String(after),
        ...(truncated && { NextPartNumberMarker: String(page.at(-1)?.number) }),
        MaxParts: maxParts,
        IsTruncated: truncated,
        StorageClass: 'STANDARD',
        ...(upload.checksum && {
          ChecksumAlgorithm: upload.checksum.algorithm,
          ChecksumType: upload.checksum.type,
        }),
        Parts: page.map((part) => ({
          PartNumber: part.number,
          LastModified: new Date(part.modified),
          ETag: `"${part.md5}"`,
          Size: part.size,
          ...(part.checksum && { [`Checksum${part.checksum.algorithm}`]: part.checksum.value }),
        })),
      };
    },

    ListMultipartUploads({ Bucket, Prefix = '' }: ListMultipartUploadsCommandInput) {
      const { name } = requireBucket(world, Bucket);
      const open = uploads(world)
        .values()
        .filter(({ bucket, key }) => bucket === name && key.startsWith(Prefix));
      return {
        Bucket: name,
        Prefix,
        IsTruncated: false,
        MaxUploads: 1000,
        Uploads: open
          .sort((a, b) => (a.key < b.key ? -1 : 1))
          .map(({ id, key, initiated }) => ({
            UploadId: id,
            Key: key,
            Initiated: new Date(initiated),
            StorageClass: 'STANDARD',
          })),
      };
    },
  };
}

type UploadName = { Bucket?: string | undefined; Key?: string | undefined; UploadId?: string | undefined };

export function requireUpload(world: World, { Bucket, Key, UploadId }: UploadName): UploadRecord {
  const { name } = requireBucket(world, Bucket);
  const upload = uploads(world).get(UploadId ?? '');
  if (upload && upload.bucket === name && upload.key === Key) return upload;
  const text =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  throw new AwsError('NoSuchUpload', text, 404, { UploadId });
}

function checkPartNumber(number = 0) {
  if (number >= 1 && number <= 10_000) return;
  throw new AwsError(
    'InvalidArgument',
    'Part number must be an integer between 1 and 10000, inclusive',
    400,
    { ArgumentName: 'partNumber' },
  );
}

/** An upload that promised a checksum keeps one for every part, also where the client sent none. */
function withUploadsAlgorithm(expected: BodyExpectations, upload: UploadRecord): BodyExpectations {
  if (expected.algorithm !== undefined || upload.checksum === undefined) return expected;
  return { ...expected, algorithm: upload.checksum.algorithm };
}

/** The upload may have been aborted, or the part sent anew, while the body arrived. */
function putPart(world: World, input: UploadName & { PartNumber?: number | undefined }, stored: StoredBody) {
  const number = input.PartNumber as number;
  try {
    const upload = requireUpload(world, input);
    const replaced = upload.parts[number];
    const { file, size, md5, checksum } = stored;
    const part = { number, file, size, md5, modified: world.clock.now(), ...(checksum && { checksum }) };
    uploads(world).put(upload.id, { ...upload, parts: { ...upload.parts, [number]: part } });
    if (replaced) dropBody(world, replaced.file);
  } catch (error) {
    dropBody(world, stored.file);
    throw error;
  }
}
