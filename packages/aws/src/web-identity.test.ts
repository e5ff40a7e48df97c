import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { connectAs } from './connect-as.ts';
import { connect } from './connect.ts';
import { identity } from './identity.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const hour = 3_600_000;

let local: LocalAws;
let issuer: Server;
let url: string;
beforeAll(async () => {
  local = await startLocalAws({ clock: { manual: true } });
  Object.assign(process.env, local.environment);
  issuer = createServer((request, response) => {
    const body = request.url?.endsWith('openid-configuration')
      ? { issuer: url, jwks_uri: `${url}/keys` }
      : { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] };
    response.end(JSON.stringify(body));
  });
  await once(issuer.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  const iam = connect().client(IAMClient);
  const provider = await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: ['sts.amazonaws.com'] }),
  );
  const Condition = {
    StringEquals: { [`${url.replace('http://', '')}:sub`]: 'repo:octo/flights:ref:refs/heads/main' },
  };
  const Statement = [
    {
      Effect: 'Allow',
      Principal: { Federated: provider.OpenIDConnectProviderArn },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition,
    },
  ];
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'ship',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
});
afterAll(async () => {
  issuer.close();
  await local.close();
});

/** A connection of a workflow on a branch, and how many tokens it has asked for. */
function workflow(branch: string) {
  const asked: string[] = [];
  const aws = connectAs({
    region: 'us-east-1',
    roleToAssume: `arn:aws:iam::${local.account}:role/ship`,
    sessionName: 'run-7',
    idToken: async (audience) => {
      asked.push(audience);
      const now = Math.floor(local.clock.now() / 1000);
      const claims = {
        iss: url,
        aud: audience,
        sub: `repo:octo/flights:ref:refs/heads/${branch}`,
        iat: now,
        exp: now + 300,
      };
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const signed = `${part({ alg: 'RS256', kid: 'k1' })}.${part(claims)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
  });
  return { aws, asked };
}

test('a session is asked for once, renewed at 80 % of its life by AWS’s clock, and again when AWS says that it ended', async () => {
  const { aws, asked } = workflow('main');
  const caller = () => identity(aws).caller();
  expect(await caller()).toEqual({
    account: local.account,
    arn: `arn:aws:sts::${local.account}:assumed-role/ship/run-7`,
  });
  await caller();
  await local.clock.advance(0.5 * hour);
  await caller();
  expect(asked).toEqual(['sts.amazonaws.com']);

  await local.clock.advance(0.35 * hour);
  await caller();
  await caller();
  expect(asked.length).toBe(2);

  // Nobody could know: no call has told the time since.
  await local.clock.advance(3 * hour);
  await caller();
  expect(asked.length).toBe(3);
});

test('a role that does not trust the workflow is named, with what it must allow', async () => {
  await expect(identity(workflow('fork').aws).caller()).rejects.toThrow(
    `The role arn:aws:iam::${local.account}:role/ship cannot be assumed from this workflow (Not authorized to perform ` +
      'sts:AssumeRoleWithWebIdentity): its trust policy must allow token.actions.githubusercontent.com for this repository.',
  );
});
