import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { AwsError } from '../kernel/errors.ts';

/** A JSON Web Token (RFC 7519), taken apart but not yet believed. */
export type WebToken = {
  header: { alg?: string; kid?: string };
  claims: Record<string, unknown>;
  signed: string;
  signature: Buffer;
};

/** What an identity provider says of itself: its keys, and the time on its clock in milliseconds. */
export type Issuer = { keys: (JsonWebKey & { kid?: string })[]; now: number };

const invalid = (text: string) => new AwsError('InvalidIdentityToken', text);

export function parseToken(text: string): WebToken {
  try {
    const [header = '', claims = '', signature = '', ...more] = text.split('.');
    if (signature === '' || more.length > 0) throw new Error('not three parts');
    const json = (part: string) =>
      JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
    return {
      header: json(header),
      claims: json(claims),
      signed: `${header}.${claims}`,
      signature: Buffer.from(signature, 'base64url'),
    };
  } catch {
    throw invalid(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
}

/**
 * Asks an issuer for its keys, by OpenID Connect Discovery. The issuer's own `Date` is taken for the time, because its
 * tokens expire on its clock and not on this server's, which may run faster.
 */
export async function askIssuer(url: string): Promise<Issuer> {
  try {
    const discovery = await ask(`${url.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { jwks_uri: keysUrl } = (await discovery.json()) as { jwks_uri?: unknown };
    if (typeof keysUrl !== 'string') throw new TypeError('no jwks_uri');
    const { keys } = (await (await ask(keysUrl)).json()) as { keys?: unknown };
    if (!Array.isArray(keys)) throw new TypeError('no keys');
    return { keys: keys as Issuer['keys'], now: Date.parse(discovery.headers.get('date') ?? '') };
  } catch (cause) {
    const error = new AwsError(
      'IDPCommunicationError',
      `Could not reach the identity provider ${url}: ${String(cause)}`,
    );
    throw Object.assign(error, { cause });
  }
}

async function ask(url: string) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000), redirect: 'error' });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer;
}

const hashes: Record<string, string> = {
  RS256: 'sha256',
  RS384: 'sha384',
  RS512: 'sha512',
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
};

/** Believes a token, or throws STS's error: its signature, and its times on the issuer's clock. */
export function verifyToken(token: WebToken, { keys, now }: Issuer): void {
  const hash = hashes[token.header.alg ?? ''];
  const type = token.header.alg?.startsWith('RS') ? 'RSA' : 'EC';
  const key = keys.find(({ kid, kty }) => kid === token.header.kid && kty === type);
  if (hash === undefined || key === undefined) {
    throw invalid(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  const publicKey = { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
  if (!verify(hash, Buffer.from(token.signed), publicKey, token.signature))
    throw invalid('Provided Token signature is invalid');
  const { exp, nbf } = token.claims;
  if (typeof exp !== 'number' || typeof token.claims['iat'] !== 'number')
    throw invalid('Missing a required claim: exp, iat');
  // The issuer's date has whole seconds.
  if (now / 1000 > exp) {
    const text = `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${exp}`;
    throw new AwsError('ExpiredTokenException', text);
  }
  if (typeof nbf === 'number' && now / 1000 + 60 < nbf) throw invalid('Token is not valid yet');
}
