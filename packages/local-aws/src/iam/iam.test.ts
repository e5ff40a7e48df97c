import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteConflictException,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  EntityAlreadyExistsException,
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '../index.ts';
import { roleExists } from './roles.ts';

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
});

async function withIam() {
  const aws = await startLocalAws({ clock: { manual: true, start: new Date('2026-11-23T10:00:00Z') } });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const iam = new IAMClient({ endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 });
  const close = async () => {
    iam.destroy();
    await aws.close();
  };
  return { aws, iam, [Symbol.asyncDispose]: close };
}

test('a role comes back as it was made, its trust policy percent-encoded', async () => {
  await using server = await withIam();
  const { aws, iam } = server;
  const made = await iam.send(
    new CreateRoleCommand({
      RoleName: 'train',
      Path: '/ml/',
      AssumeRolePolicyDocument: trust,
      Tags: [{ Key: 'team', Value: 'ml' }],
    }),
  );
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'train' }));
  expect(Role).toEqual(made.Role);
  expect(Role).toEqual({
    Path: '/ml/',
    RoleName: 'train',
    RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
    Arn: 'arn:aws:iam::123456789012:role/ml/train',
    CreateDate: new Date('2026-11-23T10:00:00Z'),
    AssumeRolePolicyDocument: encodeURIComponent(trust),
    MaxSessionDuration: 3600,
    Tags: [{ Key: 'team', Value: 'ml' }],
  });
  expect(roleExists(aws.world, 'arn:aws:iam::123456789012:role/ml/train')).toBe(true);
  expect(roleExists(aws.world, 'arn:aws:iam::123456789012:role/train')).toBe(false);
});

test('roles are listed in pages, tagged and untagged', async () => {
  await using server = await withIam();
  const { iam } = server;
  for (const RoleName of ['c', 'a', 'b'])
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const first = await iam.send(new ListRolesCommand({ MaxItems: 2 }));
  const second = await iam.send(new ListRolesCommand({ MaxItems: 2, Marker: first.Marker }));
  expect([first, second].map(({ Roles }) => Roles?.map(({ RoleName }) => RoleName))).toEqual([
    ['a', 'b'],
    ['c'],
  ]);
  await iam.send(new TagRoleCommand({ RoleName: 'a', Tags: [{ Key: 'x', Value: '1' }] }));
  await iam.send(new TagRoleCommand({ RoleName: 'a', Tags: [{ Key: 'x', Value: '2' }, { Key: 'y', Value: '3' }] })); // prettier-ignore
  await iam.send(new UntagRoleCommand({ RoleName: 'a', TagKeys: ['y'] }));
  expect((await iam.send(new ListRoleTagsCommand({ RoleName: 'a' }))).Tags).toEqual([
    { Key: 'x', Value: '2' },
  ]);
});

test('mistakes are told by exception class', async () => {
  await using server = await withIam();
  const { iam } = server;
  const create = (AssumeRolePolicyDocument: string, RoleName = 'r') =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await expect(create('{')).rejects.toThrow(MalformedPolicyDocumentException);
  await expect(create('{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}')).rejects.toThrow(
    'Missing required field Principal',
  );
  await create(trust);
  await expect(create(trust)).rejects.toThrow(EntityAlreadyExistsException);
  await expect(iam.send(new GetRoleCommand({ RoleName: 'no' }))).rejects.toThrow(NoSuchEntityException);
  await expect(create(trust, 'a b')).rejects.toMatchObject({
    name: 'ValidationError',
    message:
      "1 validation error detected: Value 'a b' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
  });
});

test('a role with policies cannot be deleted until they are gone', async () => {
  await using server = await withIam();
  const { iam } = server;
  const RoleName = 'r';
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const PolicyDocument =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
  expect(await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'p' }))).toMatchObject({
    PolicyDocument: encodeURIComponent(PolicyDocument),
  });
  const PolicyArn = (await iam.send(new CreatePolicyCommand({ PolicyName: 'q', PolicyDocument }))).Policy
    ?.Arn;
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  await expect(iam.send(new DeleteRoleCommand({ RoleName }))).rejects.toThrow(DeleteConflictException);
  await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  await expect(iam.send(new DeleteRoleCommand({ RoleName }))).rejects.toThrow('must delete policies first');
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'p' }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
});

test('an identity provider is made once, over https or on this machine', async () => {
  await using server = await withIam();
  const { iam } = server;
  const create = (Url: string) =>
    iam.send(new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com'] }));
  const { OpenIDConnectProviderArn } = await create('https://token.actions.githubusercontent.com');
  expect(OpenIDConnectProviderArn).toBe(
    'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
  );
  await expect(create('https://token.actions.githubusercontent.com/')).rejects.toThrow(
    EntityAlreadyExistsException,
  );
  await create('http://127.0.0.1:41234/oidc');
  await expect(create('http://example.com')).rejects.toThrow('Invalid Open ID Connect Provider URL');
  expect(await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }))).toMatchObject({
    Url: 'token.actions.githubusercontent.com',
    ClientIDList: ['sts.amazonaws.com'],
  });
  expect((await iam.send(new ListOpenIDConnectProvidersCommand())).OpenIDConnectProviderList).toHaveLength(2);
});

test('a simulation weighs allows and denies, wildcards and conditions', async () => {
  await using server = await withIam();
  const { iam } = server;
  const RoleName = 'gate';
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const Statement = [
    {
      Effect: 'Allow',
      Action: ['s3:Get*', 'sagemaker:CreateTrainingJob'],
      Resource: ['arn:aws:s3:::models/*', 'arn:aws:sagemaker:*'],
    },
    { Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::models/secret/*' },
    {
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: '*',
      Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    },
  ];
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
  const PolicySourceArn = 'arn:aws:iam::123456789012:role/gate';
  const decide = async (action: string, resource: string, service?: string) => {
    const ContextEntries = service
      ? [
          {
            ContextKeyName: 'iam:PassedToService',
            ContextKeyType: 'string' as const,
            ContextKeyValues: [service],
          },
        ]
      : [];
    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn,
        ActionNames: [action],
        ResourceArns: [resource],
        ContextEntries,
      }),
    );
    const [result] = EvaluationResults ?? [];
    return [result?.EvalDecision, result?.MissingContextValues ?? []];
  };
  expect(await decide('s3:getobject', 'arn:aws:s3:::models/a')).toEqual(['allowed', []]);
  expect(await decide('s3:GetObject', 'arn:aws:s3:::models/secret/a')).toEqual(['explicitDeny', []]);
  expect(await decide('s3:PutObject', 'arn:aws:s3:::models/a')).toEqual(['implicitDeny', []]);
  expect(await decide('iam:PassRole', 'r')).toEqual(['implicitDeny', ['iam:PassedToService']]);
  expect(await decide('iam:PassRole', 'r', 'sagemaker.amazonaws.com')).toEqual(['allowed', []]);
  expect(await decide('iam:PassRole', 'r', 'ec2.amazonaws.com')).toEqual(['implicitDeny', []]);
});
