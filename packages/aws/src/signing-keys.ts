import { createHash, createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand, type SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import { given } from './answers.ts';
import type { Aws } from './connect.ts';
import { isNotFound } from './errors.ts';
import { UserError } from './user-error.ts';

export type SigningKey = {
  /** Of the key itself, also where it was named by an alias. */
  arn: string;
  /** PEM. */
  publicKey: string;
  /** Signs the SHA-256 digest of these bytes, which may be of any length; KMS sees the digest alone. */
  sign: (bytes: Uint8Array) => Promise<Uint8Array>;
};

/** By which algorithm keys sign. Others sign as well, and cosign, which verifies by SHA-256, would not know their signatures. */
const algorithms: Readonly<Record<string, SigningAlgorithmSpec>> = {
  ECC_NIST_P256: 'ECDSA_SHA_256',
  RSA_2048: 'RSASSA_PKCS1_V1_5_SHA_256',
  RSA_3072: 'RSASSA_PKCS1_V1_5_SHA_256',
  RSA_4096: 'RSASSA_PKCS1_V1_5_SHA_256',
};

/** KMS: keys whose secret half nobody holds. */
export function signingKeys(aws: Aws) {
  return {
    /**
     * A key by its id, its ARN, an alias or an alias's ARN.
     * @throws UserError for one that is not there, cannot be used, or signs otherwise
     */
    async find(key: string): Promise<SigningKey> {
      const region = /^arn:[^:]*:kms:([^:]+):/.exec(key)?.[1] ?? aws.region;
      const client = aws.client(KMSClient, region);
      const answer = await client.send(new GetPublicKeyCommand({ KeyId: key })).catch((error: unknown) => {
        throw explained(error, key, region);
      });
      const arn = given(answer.KeyId, 'KeyId');
      const spec = given(answer.KeySpec, 'KeySpec');
      const algorithm = algorithms[spec];
      if (answer.KeyUsage !== 'SIGN_VERIFY' || algorithm === undefined)
        throw new UserError(
          `The key ${key} is of ${spec} for ${answer.KeyUsage}; what signs here is ECC_NIST_P256 or RSA for SIGN_VERIFY (${makeOne}).`,
        );
      const der = Buffer.from(given(answer.PublicKey, 'PublicKey'));
      return {
        arn,
        publicKey: createPublicKey({ key: der, type: 'spki', format: 'der' })
          .export({ type: 'spki', format: 'pem' })
          .toString(),
        async sign(bytes) {
          const signed = await client.send(
            new SignCommand({
              KeyId: arn,
              Message: createHash('sha256').update(bytes).digest(),
              MessageType: 'DIGEST',
              SigningAlgorithm: algorithm,
            }),
          );
          return given(signed.Signature, 'Signature');
        },
      };
    },
  };
}

const makeOne = 'aws kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY';

function explained(error: unknown, key: string, region: string): unknown {
  if (isNotFound(error))
    return new UserError(
      `The key ${key} does not exist in ${region} (${makeOne} makes one, and aws kms create-alias names it).`,
      { cause: error },
    );
  const { name, message } = error as Error;
  if (/^(DisabledException|KMSInvalidStateException)$/.test(name))
    return new UserError(`The key ${key} cannot be used: ${message.replace(/^\w+: /, '')}`, { cause: error });
  return error;
}
