import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type * as Ecr from '@aws-sdk/client-ecr';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, Table, World } from '../kernel/world.ts';

const tokenLifeMs = 12 * 60 * 60 * 1000;

/** What holds for the whole account: the registry's tokens and its settings. */
export function accountOperations(world: World): Record<string, Operation> {
  return {
    GetAuthorizationToken(): Ecr.GetAuthorizationTokenResponse {
      const expiresAt = world.clock.now() + tokenLifeMs;
      return {
        authorizationData: [
          {
            authorizationToken: Buffer.from(`AWS:${issuePassword(world, expiresAt)}`).toString('base64'),
            expiresAt: new Date(expiresAt),
            proxyEndpoint: world.endpoint,
          },
        ],
      };
    },
    DescribeRegistry(): Ecr.DescribeRegistryResponse {
      return { registryId: world.account, replicationConfiguration: { rules: [] } };
    },
    PutAccountSetting(input: Ecr.PutAccountSettingRequest): Ecr.PutAccountSettingResponse {
      const { name = '', value = '' } = input;
      if (!(name in defaults)) {
        throw new AwsError('InvalidParameterException', `Invalid parameter at 'name': '${name}'`);
      }
      settings(world).put(name, value);
      return { name, value };
    },
    GetAccountSetting(input: Ecr.GetAccountSettingRequest): Ecr.GetAccountSettingResponse {
      return { name: input.name, value: accountSetting(world, input.name ?? '') };
    },
  };
}

const defaults: Readonly<Record<string, string>> = {
  BASIC_SCAN_TYPE_VERSION: 'AWS_NATIVE',
  REGISTRY_POLICY_SCOPE: 'V2',
  BLOB_MOUNTING: 'DISABLED',
};

export function accountSetting(world: World, name: string): string {
  return settings(world).get(name) ?? defaults[name] ?? '';
}

/** Whether an `Authorization` header carries a password that this registry gave out and that still holds. */
export function isAuthorized(world: World, header: string | undefined): boolean {
  const encoded = /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  const [user, password] = Buffer.from(encoded ?? '', 'base64')
    .toString()
    .split(':', 2);
  if (user !== 'AWS' || !password) return false;
  const expiresAt = Number(password.split('.')[0]);
  const given = Buffer.from(password);
  const expected = Buffer.from(issuePassword(world, expiresAt));
  return (
    given.length === expected.length && timingSafeEqual(given, expected) && expiresAt > world.clock.now()
  );
}

/** A password carries its own end and a seal over it, so that nothing has to be kept per token. */
function issuePassword(world: World, expiresAt: number): string {
  const secrets = world.store.table<string>('ecr-secrets');
  let secret = secrets.get('tokens');
  if (!secret) secrets.put('tokens', (secret = randomBytes(32).toString('hex')));
  return `${expiresAt}.${createHmac('sha256', secret).update(String(expiresAt)).digest('base64url')}`;
}

function settings(world: World): Table<string> {
  return world.store.table<string>('ecr-account-settings');
}
