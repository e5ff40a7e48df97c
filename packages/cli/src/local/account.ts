import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';

/** What a team’s platform engineer sets up once in a real account. */
export type Account = {
  /** The local GitHub, whose OIDC tokens the workflows’ roles trust. */
  issuer: string;
  /** Role ARNs that workflows of this repository may assume. */
  workflowRoles: readonly string[];
  /** Of the model: `owner/name`. */
  repository: string;
  /** Role ARNs that SageMaker assumes. */
  serviceRoles: readonly string[];
  buckets: readonly string[];
  imageRepositories: readonly string[];
};

/** Makes what is not there yet in the AWS of the environment; what is there is left as it is. */
export async function prepareAccount(
  account: Account,
  aws: { endpoint: string; region: string },
): Promise<void> {
  const config = {
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: 'AKIALOCALAWS00000000', secretAccessKey: 'local' },
  };
  const iam = new IAMClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const ecr = new ECRClient(config);
  await unlessThere(
    iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: account.issuer, ClientIDList: ['sts.amazonaws.com'] }),
    ),
  );
  const roles = [
    ...account.workflowRoles.map((arn) => ({ arn, trust: workflowTrust(arn, account) })),
    ...account.serviceRoles.map((arn) => ({ arn, trust: serviceTrust })),
  ];
  for (const { arn, trust } of roles) {
    const RoleName = arn.split('/').pop()!;
    const PolicyDocument = JSON.stringify(trust);
    await unlessThere(
      iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: PolicyDocument })),
    );
    // The local GitHub may have come back at another port, and is another issuer then.
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
  }
  for (const Bucket of account.buckets) await unlessThere(s3.send(new CreateBucketCommand({ Bucket })));
  for (const repositoryName of account.imageRepositories) {
    await unlessThere(ecr.send(new CreateRepositoryCommand({ repositoryName })));
  }
}

const serviceTrust = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
};

/** Only this repository’s workflows, with a token made for AWS. */
function workflowTrust(roleArn: string, { issuer, repository }: Account): object {
  const provider = issuer.replace(/^https?:\/\//, '');
  const accountId = roleArn.split(':')[4]!;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${provider}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${provider}:aud`]: 'sts.amazonaws.com' },
          StringLike: {
            [`${provider}:sub`]: [`repo:${repository}:*`, `repo:${repository.replace('/', '@*/')}@*:*`],
          },
        },
      },
    ],
  };
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    const there = /EntityAlreadyExists|BucketAlreadyOwnedByYou|RepositoryAlreadyExistsException/;
    if (!there.test((error as Error).name)) throw error;
  }
}
