import {
  constants,
  createHash,
  privateEncrypt,
  publicDecrypt,
  sign as signMessage,
  verify as verifyMessage,
} from 'node:crypto';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import { signDigest, verifiesDigest } from './ecdsa.ts';
import { algorithms, requireKeySpec, type Algorithm } from './key-specs.ts';
import type { KeyRecord } from './records.ts';

/** What is signed: a message, or its digest, which KMS signs as it is. */
export type Signed = { message: Uint8Array; type: string; algorithm: string };

/** @throws InvalidKeyUsageException, ValidationException */
export function makeSignature(key: KeyRecord, signed: Signed): Buffer {
  const algorithm = algorithmOf(key, signed);
  const { privateKey } = key;
  switch (algorithm.scheme) {
    case 'ecdsa':
      return signDigest(privateKey, digestOf(signed, algorithm));
    case 'pkcs1':
      return privateEncrypt(
        { key: privateKey, padding: constants.RSA_PKCS1_PADDING },
        digestInfo(signed, algorithm),
      );
    case 'pss':
      return signMessage(algorithm.hash, requireMessage(signed), pss(privateKey));
    default:
      return algorithm.scheme satisfies never;
  }
}

/** @throws InvalidKeyUsageException, ValidationException */
export function isSignature(key: KeyRecord, signed: Signed, signature: Uint8Array): boolean {
  const algorithm = algorithmOf(key, signed);
  const { privateKey } = key;
  switch (algorithm.scheme) {
    case 'ecdsa':
      return verifiesDigest(privateKey, digestOf(signed, algorithm), signature);
    case 'pkcs1':
      return opened(privateKey, signature)?.equals(digestInfo(signed, algorithm)) ?? false;
    case 'pss':
      return verifyMessage(algorithm.hash, requireMessage(signed), pss(privateKey), signature);
    default:
      return algorithm.scheme satisfies never;
  }
}

function algorithmOf({ spec }: KeyRecord, { algorithm: name }: Signed): Algorithm {
  const found = algorithms[name];
  if (found && requireKeySpec(spec).signsBy.includes(name)) return found;
  throw new AwsError('InvalidKeyUsageException', `Algorithm ${name} is incompatible with key spec ${spec}.`);
}

function digestOf({ message, type, algorithm }: Signed, { hash }: Algorithm): Buffer {
  if (type === 'RAW') return createHash(hash).update(message).digest();
  if (message.length === createHash(hash).digest().length) return Buffer.from(message);
  throw new AwsError('ValidationException', `Digest is invalid length for algorithm ${algorithm}.`);
}

function requireMessage({ message, type, algorithm }: Signed): Uint8Array {
  if (type === 'RAW') return message;
  throw notBuilt(`kms:Sign and kms:Verify with ${algorithm} and MessageType ${type}`);
}

const pss = (key: string) => ({
  key,
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
});

/** The DER of `DigestInfo { AlgorithmIdentifier, digest }` before the digest itself (RFC 8017, 9.2, note 1). */
const digestInfoHeads = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

function digestInfo(signed: Signed, algorithm: Algorithm): Buffer {
  return Buffer.concat([Buffer.from(digestInfoHeads[algorithm.hash], 'hex'), digestOf(signed, algorithm)]);
}

function opened(key: string, signature: Uint8Array): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    return undefined;
  }
}
