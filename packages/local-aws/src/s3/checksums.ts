import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import { crc32c, crc64nvme, type RunningCrc } from './crc.ts';

const algorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5'] as const;
export type ChecksumAlgorithm = (typeof algorithms)[number];

/** `value` in base64; of a `COMPOSITE` one over the parts' checksums, with `-<parts>`. */
export type StoredChecksum = {
  algorithm: ChecksumAlgorithm;
  value: string;
  type: 'FULL_OBJECT' | 'COMPOSITE';
};

/** The checksum members that S3's inputs and outputs share, e.g. `ChecksumCRC32`. */
export type ChecksumMembers = Partial<Record<`Checksum${ChecksumAlgorithm}`, string>> & {
  ChecksumType?: StoredChecksum['type'];
};

export type BodyExpectations = {
  /** To be asked when the body has been read: trailers arrive after it. */
  checksums: () => { algorithm: ChecksumAlgorithm; value: string }[];
  /** Asked for without a value: it is worked out and kept. */
  algorithm: ChecksumAlgorithm | undefined;
  contentMd5: string | undefined;
  /** Hex, from `x-amz-content-sha256`. */
  contentSha256: string | undefined;
};

/** A running checksum of any algorithm. */
export function running(algorithm: ChecksumAlgorithm): RunningCrc {
  if (algorithm === 'CRC32') {
    let crc = 0;
    return { update: (bytes) => void (crc = crc32(bytes, crc)), digest: () => uint32(crc) };
  }
  if (algorithm === 'CRC32C') return crc32c();
  if (algorithm === 'CRC64NVME') return crc64nvme();
  const hash = createHash(algorithm.toLowerCase());
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

function uint32(value: number) {
  const result = Buffer.alloc(4);
  result.writeUInt32BE(value >>> 0);
  return result;
}

/** @param name as clients spell it, e.g. `CRC32` */
export function checksumAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const algorithm = algorithms.find((known) => known === name.toUpperCase());
  if (algorithm) return algorithm;
  if (/^XXHASH/i.test(name)) throw notBuilt(`the checksum algorithm ${name}`);
  throw new AwsError(
    'InvalidRequest',
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types.',
  );
}

/** What the request says its body must be. `headers` and `trailers` have lower-case names. */
export function expectations(
  input: object,
  headers: Readonly<Record<string, string | undefined>>,
  trailers: Readonly<Record<string, string>>,
): BodyExpectations {
  const sha256 = headers['x-amz-content-sha256'];
  return {
    checksums() {
      const given = algorithms.map((algorithm) => ({
        algorithm,
        value:
          (input as ChecksumMembers)[`Checksum${algorithm}`] ??
          trailers[`x-amz-checksum-${algorithm.toLowerCase()}`],
      }));
      return given.filter(
        (checksum): checksum is { algorithm: ChecksumAlgorithm; value: string } =>
          checksum.value !== undefined,
      );
    },
    algorithm: checksumAlgorithm(
      headers['x-amz-trailer']?.match(/x-amz-checksum-(\w+)/i)?.[1] ??
        headers['x-amz-sdk-checksum-algorithm'] ??
        headers['x-amz-checksum-algorithm'] ??
        algorithms.find((algorithm) => (input as ChecksumMembers)[`Checksum${algorithm}`] !== undefined),
    ),
    contentMd5: headers['content-md5'],
    contentSha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
  };
}

/** The checksum as members of an answer. */
export function checksumMembers(checksum: StoredChecksum | undefined): ChecksumMembers {
  if (checksum === undefined) return {};
  return { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type };
}
