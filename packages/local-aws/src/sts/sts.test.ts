import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  ExpiredTokenException,
  GetCallerIdentityCommand,
  IDPCommunicationErrorException,
  InvalidIdentityTokenException,
  STSClient,
} from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '../index.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** A real OpenID Connect issuer of one key, such as GitHub's. */
async function startIssuer() {
  const server = createServer((request, response) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const body = request.url?.endsWith('openid-configuration')
      ? { issuer: url, jwks_uri: `${url}/keys` }
      : { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { issuer, close: () => server.close() };
}

function token(claims: Record<string, unknown>, key: KeyObject = privateKey) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', kid: 'k1' })}.${part({ iat: now, exp: now + 300, aud: 'sts.amazonaws.com', ...claims })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

const main = 'repo:acme/flight-delay:ref:refs/heads/main';

async function withRole() {
  const [aws, idp] = await Promise.all([startLocalAws({ clock: { manual: true } }), startIssuer()]);
  const settings = {
    endpoint: aws.endpoint,
    region: aws.region,
    maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const [iam, sts] = [new IAMClient(settings), new STSClient(settings)];
  const provider = await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: idp.issuer, ClientIDList: ['sts.amazonaws.com'] }),
  );
  const host = idp.issuer.replace('http://', '');
  const Condition = {
    StringEquals: { [`${host}:aud`]: 'sts.amazonaws.com' },
    StringLike: { [`${host}:sub`]: [main, 'repo:acme@1/flight-delay@2:environment:*'] },
  };
  const Principal = { Federated: provider.OpenIDConnectProviderArn };
  const Statement = [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRoleWithWebIdentity', Condition }];
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'ship',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
  const assume = (WebIdentityToken: string, RoleName = 'ship', DurationSeconds = 900) =>
    sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::123456789012:role/${RoleName}`,
        RoleSessionName: 'run-7',
        WebIdentityToken,
        DurationSeconds,
      }),
    );
  const close = async () => {
    for (const client of [iam, sts]) client.destroy();
    idp.close();
    await aws.close();
  };
  return { aws, iam, sts, issuer: idp.issuer, assume, settings, [Symbol.asyncDispose]: close };
}

test('a workflow’s token is exchanged for credentials that are the role until they expire', async () => {
  await using world = await withRole();
  const { aws, issuer, assume, settings } = world;
  const { Credentials, ...answer } = await assume(token({ iss: issuer, sub: main }));
  expect(answer).toMatchObject({
    SubjectFromWebIdentityToken: main,
    Audience: 'sts.amazonaws.com',
    Provider: `arn:aws:iam::123456789012:oidc-provider/${issuer.replace('http://', '')}`,
    AssumedRoleUser: { Arn: 'arn:aws:sts::123456789012:assumed-role/ship/run-7' },
  });
  const session = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const sts = new STSClient({ ...settings, credentials: session });
  expect(await sts.send(new GetCallerIdentityCommand())).toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:sts::123456789012:assumed-role/ship/run-7',
    UserId: expect.stringMatching(/^AROA\w{17}:run-7$/),
  });
  await aws.clock.advance(901_000);
  await expect(sts.send(new GetCallerIdentityCommand())).rejects.toMatchObject({ name: 'ExpiredToken' });
  const s3 = new S3Client({ ...settings, credentials: session });
  await expect(s3.send(new ListBucketsCommand())).rejects.toMatchObject({ name: 'ExpiredToken' });
});

test('subjects in GitHub’s older and newer spelling are matched by the trust policy, others are not', async () => {
  await using world = await withRole();
  const { issuer, assume } = world;
  await assume(token({ iss: issuer, sub: 'repo:acme@1/flight-delay@2:environment:production' }));
  const denied = {
    name: 'AccessDenied',
    message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    $metadata: { httpStatusCode: 403 },
  };
  await expect(
    assume(token({ iss: issuer, sub: 'repo:acme/flight-delay:pull_request' })),
  ).rejects.toMatchObject(denied);
  await expect(assume(token({ iss: issuer, sub: main }), 'no-such-role')).rejects.toMatchObject(denied);
});

test('a token that is forged, for somebody else, too old or of an unknown issuer is refused', async () => {
  await using world = await withRole();
  const { issuer, assume } = world;
  const past = Math.floor(Date.now() / 1000) - 600;
  await expect(assume(token({ iss: issuer, sub: main }, stranger))).rejects.toThrow(
    'Provided Token signature is invalid',
  );
  await expect(assume(token({ iss: issuer, sub: main, aud: 'api://other' }))).rejects.toThrow(
    'Incorrect token audience',
  );
  await expect(assume(token({ iss: issuer, sub: main, exp: past }))).rejects.toThrow(ExpiredTokenException);
  await expect(assume(token({ iss: 'https://example.com', sub: main }))).rejects.toThrow(
    'No OpenIDConnect provider found',
  );
  await expect(assume('not a token')).rejects.toThrow(InvalidIdentityTokenException);
  await expect(assume(token({ iss: issuer, sub: main }), 'ship', 7200)).rejects.toThrow(
    'exceeds the MaxSessionDuration',
  );
});

test('an issuer that does not answer is a communication error', async () => {
  await using world = await withRole();
  const gone = await startIssuer();
  gone.close();
  await world.iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: gone.issuer, ClientIDList: ['sts.amazonaws.com'] }),
  );
  await expect(world.assume(token({ iss: gone.issuer, sub: main }))).rejects.toThrow(
    IDPCommunicationErrorException,
  );
});

test('a role is assumed only by whom it trusts', async () => {
  await using world = await withRole();
  const { iam, sts } = world;
  const trust = (AWS: string) =>
    JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }] });
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'open',
      AssumeRolePolicyDocument: trust('arn:aws:iam::123456789012:root'),
    }),
  );
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'shut',
      AssumeRolePolicyDocument: trust('arn:aws:iam::999999999999:root'),
    }),
  );
  const assume = (name: string) =>
    sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::123456789012:role/${name}`, RoleSessionName: 'me' }),
    );
  expect((await assume('open')).AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/open/me');
  await expect(assume('shut')).rejects.toThrow(
    'is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/shut',
  );
});
