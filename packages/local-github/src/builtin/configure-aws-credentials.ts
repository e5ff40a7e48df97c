import { UserError } from '../errors.ts';
import { idToken } from '../oidc/tokens.ts';
import type { BuiltinRequest, BuiltinResult } from './builtin.ts';

const VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

type Credentials = { id: string; secret: string; session: string };

/**
 * aws-actions/configure-aws-credentials: the job's OIDC token for a role's credentials, at the STS that AWS_ENDPOINT_URL
 * names. The real AWS does not know this GitHub, so without that variable it is refused.
 */
export async function configureAwsCredentials(request: BuiltinRequest): Promise<BuiltinResult> {
  const { job, input, say, environment } = request;
  const region = input('aws-region') || environment['AWS_REGION'];
  if (!region) throw new UserError('Input required and not supplied: aws-region');
  const credentials = input('role-to-assume') ? await assumeRole(request, region) : givenKeys(request);
  for (const secret of [credentials.secret, credentials.session]) if (secret) job.masks.add(secret);
  Object.assign(job.env, { AWS_REGION: region, AWS_DEFAULT_REGION: region });
  Object.assign(job.env, {
    AWS_ACCESS_KEY_ID: credentials.id,
    AWS_SECRET_ACCESS_KEY: credentials.secret,
    AWS_SESSION_TOKEN: credentials.session,
  });
  say(`Credentials ${credentials.id} for ${region}`);
  const account = /^arn:aws[\w-]*:iam::(\d{12}):/.exec(input('role-to-assume'))?.[1] ?? '';
  const post = async () => {
    for (const name of VARIABLES) job.env[name] = '';
  };
  return { outputs: { 'aws-account-id': account }, post };
}

function givenKeys({ input }: BuiltinRequest): Credentials {
  const id = input('aws-access-key-id');
  if (!id)
    throw new UserError('Could not load credentials: neither role-to-assume nor aws-access-key-id is given.');
  return { id, secret: input('aws-secret-access-key'), session: input('aws-session-token') };
}

async function assumeRole(
  { job, input, environment, signal }: BuiltinRequest,
  region: string,
): Promise<Credentials> {
  if (job.permissions['id-token'] !== 'write')
    throw new UserError(
      'It looks like you might be trying to authenticate with OIDC. Did you mean to set the `id-token` permission?',
    );
  const variables = { ...job.host.environment, ...environment };
  const endpoint = variables['AWS_ENDPOINT_URL_STS'] ?? variables['AWS_ENDPOINT_URL'];
  if (!endpoint)
    throw new UserError(`AWS in ${region} does not know this GitHub: set AWS_ENDPOINT_URL to a local AWS.`);
  const token = job.host.tokens.get(job.token);
  if (!token) throw new Error('the job has no token');
  const response = await fetch(endpoint, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: input('role-to-assume'),
      RoleSessionName: input('role-session-name') || 'GitHubActions',
      DurationSeconds: input('role-duration-seconds') || '3600',
      WebIdentityToken: idToken(job.host, token, input('audience') || 'sts.amazonaws.com'),
    }).toString(),
  });
  const xml = await response.text();
  const member = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  if (!response.ok)
    throw new UserError(
      `Could not assume role with OIDC: ${member('Message') || `${response.status} ${xml}`}`,
    );
  return { id: member('AccessKeyId'), secret: member('SecretAccessKey'), session: member('SessionToken') };
}
