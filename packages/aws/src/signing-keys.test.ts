import { verify } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  type KeySpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { connect, type Aws } from './connect.ts';
import { signingKeys } from './signing-keys.ts';

const environment = { ...process.env };
let local: LocalAws;
let aws: Aws;

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
});
afterAll(async () => {
  process.env = environment;
  await local.close();
});

async function newKey(KeySpec: KeySpec): Promise<{ KeyId: string; arn: string }> {
  const made = await aws.client(KMSClient).send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }));
  return { KeyId: made.KeyMetadata?.KeyId ?? '', arn: made.KeyMetadata?.Arn ?? '' };
}

test.each<KeySpec>(['ECC_NIST_P256', 'RSA_2048'])(
  'a key of %s signs more bytes than KMS takes, and its public half verifies them',
  async (spec) => {
    const { KeyId, arn } = await newKey(spec);
    const AliasName = `alias/${spec}`;
    await aws.client(KMSClient).send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
    const long = Buffer.alloc(100_000, 'a long bill of materials ');
    for (const name of [KeyId, arn, AliasName]) {
      const key = await signingKeys(aws).find(name);
      expect(key).toMatchObject({ arn, publicKey: expect.stringContaining('BEGIN PUBLIC KEY') });
      expect(verify('sha256', long, key.publicKey, await key.sign(long))).toBe(true);
    }
  },
);

const absent = '00000000-0000-0000-0000-000000000000';
test.each<[string, () => Promise<string>, RegExp]>([
  [
    'a key that is not there',
    async () => 'alias/nobody',
    /^The key alias\/nobody does not exist in us-east-1 \(aws kms create-key .* makes one/,
  ],
  [
    'a key of another region',
    async () => `arn:aws:kms:eu-west-1:123456789012:key/${absent}`,
    /does not exist in eu-west-1/,
  ],
  [
    'a key that is disabled',
    async () => {
      const { KeyId } = await newKey('ECC_NIST_P256');
      await aws.client(KMSClient).send(new DisableKeyCommand({ KeyId }));
      return KeyId;
    },
    /^The key .* cannot be used: arn:aws:kms:us-east-1:123456789012:key\/.* is disabled\.$/,
  ],
  [
    'a key that is about to be deleted',
    async () => {
      const { KeyId } = await newKey('ECC_NIST_P256');
      await aws.client(KMSClient).send(new ScheduleKeyDeletionCommand({ KeyId }));
      return KeyId;
    },
    /is pending deletion\.$/,
  ],
  [
    'a key whose signatures cosign does not know',
    async () => (await newKey('ECC_NIST_P384')).KeyId,
    /is of ECC_NIST_P384 for SIGN_VERIFY; what signs here is ECC_NIST_P256 or RSA for SIGN_VERIFY/,
  ],
])('%s is named', async (_, key, message) => {
  await expect(signingKeys(aws).find(await key())).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(message),
  });
});
