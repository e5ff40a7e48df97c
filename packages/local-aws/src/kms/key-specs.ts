import { notBuilt } from '../kernel/errors.ts';

export type Scheme = 'ecdsa' | 'pkcs1' | 'pss';

/** How one signing algorithm signs. */
export type Algorithm = { scheme: Scheme; hash: 'sha256' | 'sha384' | 'sha512' };

export const algorithms: Readonly<Record<string, Algorithm>> = {
  ECDSA_SHA_256: { scheme: 'ecdsa', hash: 'sha256' },
  ECDSA_SHA_384: { scheme: 'ecdsa', hash: 'sha384' },
  ECDSA_SHA_512: { scheme: 'ecdsa', hash: 'sha512' },
  RSASSA_PKCS1_V1_5_SHA_256: { scheme: 'pkcs1', hash: 'sha256' },
  RSASSA_PKCS1_V1_5_SHA_384: { scheme: 'pkcs1', hash: 'sha384' },
  RSASSA_PKCS1_V1_5_SHA_512: { scheme: 'pkcs1', hash: 'sha512' },
  RSASSA_PSS_SHA_256: { scheme: 'pss', hash: 'sha256' },
  RSASSA_PSS_SHA_384: { scheme: 'pss', hash: 'sha384' },
  RSASSA_PSS_SHA_512: { scheme: 'pss', hash: 'sha512' },
};

/** Enumerations as AWS lists them: what is in one and not built is refused by its name, what is not is no such value. */
export const allAlgorithms = [
  ...Object.keys(algorithms),
  'SM2DSA',
  'ML_DSA_SHAKE_256',
  'ED25519_SHA_512',
  'ED25519_PH_SHA_512',
];

const rsa = Object.keys(algorithms).filter((name) => name.startsWith('RSASSA_'));

/** The key specs that are built, with what keys of them sign by. */
const keySpecs: Readonly<Record<string, KeySpec>> = {
  RSA_2048: { modulusLength: 2048, signsBy: rsa },
  RSA_3072: { modulusLength: 3072, signsBy: rsa },
  RSA_4096: { modulusLength: 4096, signsBy: rsa },
  ECC_NIST_P256: { curve: 'prime256v1', signsBy: ['ECDSA_SHA_256'] },
  ECC_NIST_P384: { curve: 'secp384r1', signsBy: ['ECDSA_SHA_384'] },
  ECC_NIST_P521: { curve: 'secp521r1', signsBy: ['ECDSA_SHA_512'] },
  ECC_SECG_P256K1: { curve: 'secp256k1', signsBy: ['ECDSA_SHA_256'] },
};

type KeySpec = { signsBy: readonly string[] } & ({ modulusLength: number } | { curve: string });

export const allKeySpecs = [
  ...Object.keys(keySpecs),
  'SYMMETRIC_DEFAULT',
  'HMAC_224',
  'HMAC_256',
  'HMAC_384',
  'HMAC_512',
  'SM2',
  'ML_DSA_44',
  'ML_DSA_65',
  'ML_DSA_87',
  'ML_KEM_512',
  'ML_KEM_768',
  'ML_KEM_1024',
  'ECC_NIST_EDWARDS25519',
];

/** @throws NotImplemented with the spec's name */
export function requireKeySpec(name: string): KeySpec {
  const spec = keySpecs[name];
  if (spec) return spec;
  throw notBuilt(`kms:CreateKey with KeySpec ${name}`);
}
