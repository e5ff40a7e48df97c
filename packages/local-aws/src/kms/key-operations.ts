import { createPublicKey, generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type {
  CreateKeyCommandInput,
  DescribeKeyCommandInput,
  ListKeysCommandInput,
  ScheduleKeyDeletionCommandInput,
} from '@aws-sdk/client-kms';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { requireKept, requireKey, requireUsable, resolveKey } from './find-key.ts';
import { requireKeySpec } from './key-specs.ts';
import { page } from './page.ts';
import { arnOf, keys, type KeyRecord } from './records.ts';
import { tagRecord } from './tag-operations.ts';

const dayMs = 86_400_000;
const defaultWindowDays = 30;

export function keyOperations(world: World): Record<string, Operation> {
  const change = (key: KeyRecord, to: Partial<KeyRecord>) => keys(world).put(key.id, { ...key, ...to });
  return {
    async CreateKey(input: CreateKeyCommandInput) {
      const spec = specOf(input);
      const id = randomUUID();
      const key: KeyRecord = {
        id,
        arn: arnOf(world, `key/${id}`),
        spec,
        description: input.Description ?? '',
        created: world.clock.now(),
        enabled: true,
        privateKey: await newPrivateKey(spec),
        tags: tagRecord(input.Tags),
      };
      keys(world).put(id, key);
      return { KeyMetadata: metadata(world, key) };
    },

    DescribeKey: ({ KeyId }: DescribeKeyCommandInput) => ({
      KeyMetadata: metadata(world, resolveKey(world, KeyId)),
    }),

    ListKeys(input: ListKeysCommandInput) {
      const { items, more } = page(keys(world).values(), input);
      return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...more };
    },

    GetPublicKey({ KeyId }: DescribeKeyCommandInput) {
      const { arn, spec, privateKey } = requireUsable(resolveKey(world, KeyId));
      return {
        KeyId: arn,
        PublicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
        ...usageOf(spec),
      };
    },

    EnableKey: ({ KeyId }: DescribeKeyCommandInput) =>
      change(requireKept(requireKey(world, KeyId)), { enabled: true }),

    DisableKey: ({ KeyId }: DescribeKeyCommandInput) =>
      change(requireKept(requireKey(world, KeyId)), { enabled: false }),

    ScheduleKeyDeletion({ KeyId, PendingWindowInDays }: ScheduleKeyDeletionCommandInput) {
      const key = requireKept(requireKey(world, KeyId));
      const days = PendingWindowInDays ?? defaultWindowDays;
      const deletion = world.clock.now() + days * dayMs;
      change(key, { deletion, enabled: false });
      const DeletionDate = new Date(deletion);
      return { KeyId: key.arn, DeletionDate, KeyState: 'PendingDeletion', PendingWindowInDays: days };
    },

    CancelKeyDeletion({ KeyId }: DescribeKeyCommandInput) {
      const { deletion, ...key } = requireKey(world, KeyId);
      if (deletion === undefined)
        throw new AwsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
      keys(world).put(key.id, key);
      return { KeyId: key.arn };
    },
  };
}

function specOf(input: CreateKeyCommandInput): string {
  const { KeySpec, CustomerMasterKeySpec, KeyUsage, Origin = 'AWS_KMS', MultiRegion = false } = input;
  const spec = KeySpec ?? CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  requireKeySpec(spec);
  if (KeyUsage === undefined)
    throw new AwsError(
      'ValidationException',
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    );
  if (KeyUsage !== 'SIGN_VERIFY') throw notBuilt(`kms:CreateKey with KeyUsage ${KeyUsage}`);
  if (Origin !== 'AWS_KMS') throw notBuilt(`kms:CreateKey with Origin ${Origin}`);
  if (MultiRegion) throw notBuilt('kms:CreateKey with MultiRegion');
  return spec;
}

async function newPrivateKey(spec: string): Promise<string> {
  const generate = promisify(generateKeyPair);
  const kind = requireKeySpec(spec);
  const { privateKey } =
    'curve' in kind
      ? await generate('ec', { namedCurve: kind.curve })
      : await generate('rsa', { modulusLength: kind.modulusLength });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function metadata(world: World, { id, arn, spec, description, created, enabled, deletion }: KeyRecord) {
  return {
    AWSAccountId: world.account,
    KeyId: id,
    Arn: arn,
    CreationDate: new Date(created),
    Enabled: enabled,
    Description: description,
    KeyState: deletion !== undefined ? 'PendingDeletion' : enabled ? 'Enabled' : 'Disabled',
    ...(deletion !== undefined && { DeletionDate: new Date(deletion) }),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    MultiRegion: false,
    ...usageOf(spec),
  };
}

function usageOf(spec: string) {
  const { signsBy } = requireKeySpec(spec);
  return {
    KeyUsage: 'SIGN_VERIFY',
    KeySpec: spec,
    CustomerMasterKeySpec: spec,
    SigningAlgorithms: signsBy,
  };
}
