import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  VerifyCommand,
  type KeySpec,
  type MessageType,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '../index.ts';

const dayMs = 86_400_000;
const start = new Date('2026-11-23T10:00:00Z');
const text = Buffer.from('who built what from what');
const absent = '00000000-0000-0000-0000-000000000000';

let aws: LocalAws;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startLocalAws({ clock: { manual: true, start } });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  kms = new KMSClient({ endpoint: aws.endpoint, region: aws.region, maxAttempts: 1, credentials });
});
afterAll(async () => {
  kms.destroy();
  await aws.close();
});

async function newKey(KeySpec: KeySpec = 'ECC_NIST_P256') {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }));
  return { KeyId: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' };
}

type Wish = { KeyId: string; message?: Buffer; as?: MessageType; by?: SigningAlgorithmSpec };

const signing = ({ KeyId, message = text, as = 'RAW', by = 'ECDSA_SHA_256' }: Wish) => ({
  KeyId,
  Message: message,
  MessageType: as,
  SigningAlgorithm: by,
});

async function sign(wish: Wish): Promise<Uint8Array> {
  const { Signature } = await kms.send(new SignCommand(signing(wish)));
  return Signature ?? new Uint8Array();
}

async function publicKey(KeyId: string) {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey ?? []), type: 'spki', format: 'der' });
}

const kinds: [KeySpec, SigningAlgorithmSpec, string][] = [
  ['ECC_NIST_P256', 'ECDSA_SHA_256', 'sha256'],
  ['ECC_NIST_P384', 'ECDSA_SHA_384', 'sha384'],
  ['ECC_NIST_P521', 'ECDSA_SHA_512', 'sha512'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256', 'sha256'],
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 'sha256'],
  ['RSA_3072', 'RSASSA_PKCS1_V1_5_SHA_512', 'sha512'],
];

test.each(kinds)(
  'what a key of %s signs by %s is verified by its public key alone',
  async (spec, by, hash) => {
    const { KeyId, arn } = await newKey(spec);
    const key = await publicKey(KeyId);
    const digest = createHash(hash).update(text).digest();
    // Nonces differ, and so do lengths of integers in DER: one signature proves little.
    for (let round = 0; round < 20; round++) {
      const whole = await sign({ KeyId, by });
      const digested = await sign({ KeyId, message: digest, as: 'DIGEST', by });
      expect([verify(hash, text, key, whole), verify(hash, text, key, digested)]).toEqual([true, true]);
      const verifying = { ...signing({ KeyId, message: digest, as: 'DIGEST', by }), Signature: whole };
      expect(await kms.send(new VerifyCommand(verifying))).toMatchObject({
        KeyId: arn,
        SignatureValid: true,
        SigningAlgorithm: by,
      });
      const other = { ...verifying, ...signing({ KeyId, message: Buffer.from('something else'), by }) };
      await expect(kms.send(new VerifyCommand(other))).rejects.toMatchObject({
        name: 'KMSInvalidSignatureException',
      });
    }
  },
);

test('RSASSA-PSS signs messages, and says that it signs no digests', async () => {
  const { KeyId } = await newKey('RSA_2048');
  const by = 'RSASSA_PSS_SHA_256';
  const Signature = await sign({ KeyId, by });
  const padding = { padding: 6, saltLength: 32 };
  expect(verify('sha256', text, { key: await publicKey(KeyId), ...padding }, Signature)).toBe(true);
  const same = { ...signing({ KeyId, by }), Signature };
  expect(await kms.send(new VerifyCommand(same))).toMatchObject({ SignatureValid: true });
  const message = createHash('sha256').update(text).digest();
  await expect(sign({ KeyId, by, message, as: 'DIGEST' })).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('RSASSA_PSS_SHA_256 and MessageType DIGEST is not built'),
  });
});

test('a signature of something that is no signature is invalid, whatever it is', async () => {
  const { KeyId } = await newKey();
  const good = Buffer.from(await sign({ KeyId }));
  const zero = Buffer.from('3006020100020100', 'hex');
  const forged = [
    zero,
    good.subarray(1),
    Buffer.concat([good, good]),
    Buffer.from('30'),
    Buffer.alloc(70, 0x30),
  ];
  for (const Signature of forged)
    await expect(kms.send(new VerifyCommand({ ...signing({ KeyId }), Signature }))).rejects.toMatchObject({
      name: 'KMSInvalidSignatureException',
    });
});

test('a key says what it is, by its id, its ARN, its alias and its alias’s ARN', async () => {
  const { KeyId, arn } = await newKey();
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/shown', TargetKeyId: KeyId }));
  const alias = `arn:aws:kms:us-east-1:123456789012:alias/shown`;
  const described = {
    AWSAccountId: '123456789012',
    KeyId,
    Arn: `arn:aws:kms:us-east-1:123456789012:key/${KeyId}`,
    CreationDate: start,
    Enabled: true,
    Description: '',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    MultiRegion: false,
    KeyUsage: 'SIGN_VERIFY',
    KeySpec: 'ECC_NIST_P256',
    CustomerMasterKeySpec: 'ECC_NIST_P256',
    SigningAlgorithms: ['ECDSA_SHA_256'],
  };
  for (const by of [KeyId, arn, 'alias/shown', alias])
    expect((await kms.send(new DescribeKeyCommand({ KeyId: by }))).KeyMetadata).toEqual(described);
});

test('aliases are made, moved, listed and deleted; a key’s tags are its own', async () => {
  const [first, second] = [await newKey(), await newKey()];
  const AliasName = 'alias/model/signing';
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: first.KeyId }));
  await expect(
    kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: second.KeyId })),
  ).rejects.toMatchObject({
    name: 'AlreadyExistsException',
    message: 'An alias with the name arn:aws:kms:us-east-1:123456789012:alias/model/signing already exists',
  });
  await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: second.arn }));
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: second.KeyId }));
  expect(Aliases).toEqual([
    {
      AliasName,
      AliasArn: 'arn:aws:kms:us-east-1:123456789012:alias/model/signing',
      TargetKeyId: second.KeyId,
      CreationDate: start,
      LastUpdatedDate: start,
    },
  ]);
  await kms.send(new DeleteAliasCommand({ AliasName }));
  const gone = 'Alias arn:aws:kms:us-east-1:123456789012:alias/model/signing is not found.';
  await expect(sign({ KeyId: AliasName })).rejects.toMatchObject({
    name: 'NotFoundException',
    message: gone,
  });

  const tags = (...pairs: string[][]) => pairs.map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
  await kms.send(new TagResourceCommand({ KeyId: first.KeyId, Tags: tags(['team', 'a'], ['use', 'sign']) }));
  await kms.send(new TagResourceCommand({ KeyId: first.KeyId, Tags: tags(['team', 'b']) }));
  const listed = await kms.send(new ListResourceTagsCommand({ KeyId: first.arn }));
  expect([listed.Tags, listed.Truncated]).toEqual([tags(['team', 'b'], ['use', 'sign']), false]);
});

test('a list comes in pages', async () => {
  await Promise.all([newKey(), newKey(), newKey()]);
  const { Keys: all = [] } = await kms.send(new ListKeysCommand({}));
  const found: typeof all = [];
  let Marker: string | undefined;
  do {
    const page = await kms.send(new ListKeysCommand({ Limit: 2, Marker }));
    found.push(...(page.Keys ?? []));
    expect(page.Truncated).toBe(page.NextMarker !== undefined);
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  expect(found).toEqual(all);
});

test('a key that is disabled signs nothing; one that waits to be deleted neither, until it is gone', async () => {
  const { KeyId, arn } = await newKey();
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/leaving', TargetKeyId: KeyId }));
  await kms.send(new DisableKeyCommand({ KeyId }));
  const disabled = { name: 'DisabledException', message: `${arn} is disabled.` };
  await expect(sign({ KeyId })).rejects.toMatchObject(disabled);
  await expect(publicKey(KeyId)).rejects.toMatchObject(disabled);
  await kms.send(new EnableKeyCommand({ KeyId }));
  await sign({ KeyId });

  const scheduling = new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 });
  expect(await kms.send(scheduling)).toMatchObject({
    KeyId: arn,
    DeletionDate: new Date(start.getTime() + 7 * dayMs),
    KeyState: 'PendingDeletion',
    PendingWindowInDays: 7,
  });
  const pending = { name: 'KMSInvalidStateException', message: `${arn} is pending deletion.` };
  await expect(sign({ KeyId })).rejects.toMatchObject(pending);
  await expect(kms.send(new EnableKeyCommand({ KeyId }))).rejects.toMatchObject(pending);
  await expect(kms.send(scheduling)).rejects.toMatchObject(pending);
  await kms.send(new CancelKeyDeletionCommand({ KeyId }));
  await expect(kms.send(new CancelKeyDeletionCommand({ KeyId }))).rejects.toMatchObject({
    name: 'KMSInvalidStateException',
    message: `${arn} is not pending deletion.`,
  });
  await expect(sign({ KeyId })).rejects.toMatchObject(disabled);

  await kms.send(scheduling);
  await aws.clock.advance(7 * dayMs);
  const { Aliases = [] } = await kms.send(new ListAliasesCommand({}));
  expect(Aliases.map(({ AliasName }) => AliasName)).not.toContain('alias/leaving');
  await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
    name: 'NotFoundException',
    message: `Key '${arn}' does not exist`,
  });
});

const validation = (text: string) => ['ValidationException', text] as const;
test.each<[string, () => Promise<unknown>, name: string, message: string]>([
  [
    'a message of more than 4096 bytes',
    async () => sign({ ...(await newKey()), message: Buffer.alloc(4097) }),
    ...validation(
      "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096",
    ),
  ],
  [
    'a digest of another length',
    async () => sign({ ...(await newKey()), message: text, as: 'DIGEST' }),
    ...validation('Digest is invalid length for algorithm ECDSA_SHA_256.'),
  ],
  [
    'an algorithm of other keys',
    async () => sign({ ...(await newKey()), by: 'RSASSA_PSS_SHA_256' }),
    'InvalidKeyUsageException',
    'Algorithm RSASSA_PSS_SHA_256 is incompatible with key spec ECC_NIST_P256.',
  ],
  [
    'an algorithm that is none',
    async () => sign({ ...(await newKey()), by: 'ROT13' as 'ECDSA_SHA_256' }),
    ...validation(
      "1 validation error detected: Value 'ROT13' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDSA_SHA_256,",
    ),
  ],
  [
    'a key that is not there',
    () => sign({ KeyId: absent }),
    'NotFoundException',
    `Key 'arn:aws:kms:us-east-1:123456789012:key/${absent}' does not exist`,
  ],
  [
    'what is no key’s id',
    () => sign({ KeyId: 'signing key' }),
    'NotFoundException',
    "Invalid keyId 'signing key'",
  ],
  [
    'a key of another region',
    () => sign({ KeyId: `arn:aws:kms:eu-west-1:123456789012:key/${absent}` }),
    'NotFoundException',
    'Invalid arn eu-west-1',
  ],
  [
    'an alias where AWS takes keys alone',
    () => kms.send(new DisableKeyCommand({ KeyId: 'alias/shown' })),
    'NotFoundException',
    "Invalid keyId 'alias/shown'",
  ],
  [
    'an alias without its prefix',
    async () => kms.send(new CreateAliasCommand({ AliasName: 'shown', TargetKeyId: (await newKey()).KeyId })),
    ...validation('Invalid identifier'),
  ],
  [
    'an alias of AWS’s own',
    async () =>
      kms.send(new CreateAliasCommand({ AliasName: 'alias/aws/s3', TargetKeyId: (await newKey()).KeyId })),
    'NotAuthorizedException',
    '',
  ],
  [
    'a key without a usage',
    () => kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048' })),
    ...validation('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.'),
  ],
  [
    'a key that encrypts',
    () => kms.send(new CreateKeyCommand({})),
    'NotImplemented',
    'kms:CreateKey with KeySpec SYMMETRIC_DEFAULT is not built',
  ],
  [
    'a key of a curve that is not built',
    () => kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' })),
    'NotImplemented',
    'kms:CreateKey with KeySpec ECC_NIST_EDWARDS25519 is not built',
  ],
  [
    'a usage that is not built',
    () => kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })),
    'NotImplemented',
    'kms:CreateKey with KeyUsage ENCRYPT_DECRYPT is not built',
  ],
  [
    'a waiting period that is too short',
    async () => kms.send(new ScheduleKeyDeletionCommand({ ...(await newKey()), PendingWindowInDays: 6 })),
    ...validation(
      "1 validation error detected: Value '6' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value greater than or equal to 7",
    ),
  ],
])('%s is refused as AWS refuses it', async (_, call, name, message) => {
  await expect(call()).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
});
