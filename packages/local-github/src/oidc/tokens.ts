import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { JsonObject } from '../expressions/values.ts';
import type { Host, Token } from '../host.ts';
import { RUNNER_ENVIRONMENT } from '../runner/contexts.ts';

/** GitHub's tokens are good for five minutes. */
const LIFETIME_SECONDS = 300;

/** Made once for the directory and kept: what checked a token before a restart can check it after. */
function privateKey(host: Host): string {
  const settings = host.store.table<string>('settings');
  const known = settings.get('oidc-key');
  if (known) return known;
  const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return settings.put('oidc-key', key.export({ type: 'pkcs8', format: 'pem' }).toString());
}

function publicKey(host: Host): JsonObject {
  const { n = '', e = '' } = createPublicKey(privateKey(host)).export({ format: 'jwk' });
  const kid = createHash('sha256').update(n).digest('hex').slice(0, 40).toUpperCase();
  return { kty: 'RSA', alg: 'RS256', use: 'sig', kid, n, e };
}

export const keySet = (host: Host): JsonObject => ({ keys: [publicKey(host)] });

export const discovery = (host: Host): JsonObject => ({
  issuer: host.serverUrl,
  jwks_uri: `${host.serverUrl}/.well-known/jwks`,
  subject_types_supported: ['public', 'pairwise'],
  response_types_supported: ['id_token'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid'],
  claims_supported: [
    'sub',
    'aud',
    'exp',
    'iat',
    'iss',
    'jti',
    'nbf',
    'ref',
    'sha',
    'repository',
    'repository_id',
    'repository_owner',
    'repository_owner_id',
    'enterprise',
    'run_id',
    'run_number',
    'run_attempt',
    'actor',
    'actor_id',
    'workflow',
    'workflow_ref',
    'workflow_sha',
    'head_ref',
    'base_ref',
    'event_name',
    'ref_type',
    'ref_protected',
    'environment',
    'job_workflow_ref',
    'job_workflow_sha',
    'repository_visibility',
    'runner_environment',
  ],
});

/** A signed token that says which job of which workflow asks; `aud` is the repository's owner where none is asked for. */
export function idToken(host: Host, token: Token, audience: string | undefined): string {
  const claims = token.claims ?? {};
  const seconds = Math.floor(host.now().getTime() / 1000);
  const [owner = ''] = (token.repository ?? '').split('/');
  const payload = {
    jti: crypto.randomUUID(),
    sub: subject(host, token),
    aud: audience ?? `${host.serverUrl}/${owner}`,
    ...Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== '')),
    repository_visibility: 'private',
    runner_environment: RUNNER_ENVIRONMENT,
    iss: host.serverUrl,
    nbf: seconds - LIFETIME_SECONDS,
    exp: seconds + LIFETIME_SECONDS,
    iat: seconds,
  };
  const header = { typ: 'JWT', alg: 'RS256', kid: publicKey(host)['kid'] };
  const signed = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey(host)).toString('base64url')}`;
}

/** `repo:acme/model:environment:production`, or with the ids that GitHub adds to repositories made since July 2026. */
function subject(host: Host, { repository, claims }: Token): string {
  const known = host.repositories.get((repository ?? '').toLowerCase());
  const [owner = '', name = ''] = (repository ?? '').split('/');
  const named =
    host.immutableSubjects && known ? `${owner}@${known.ownerId}/${name}@${known.id}` : `${owner}/${name}`;
  const { environment = '', event_name: event = '', ref = '' } = claims ?? {};
  if (environment !== '') return `repo:${named}:environment:${environment.replaceAll(':', '%3A')}`;
  return event === 'pull_request' ? `repo:${named}:pull_request` : `repo:${named}:ref:${ref}`;
}
