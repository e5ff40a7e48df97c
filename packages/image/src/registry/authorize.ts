import { ImageError, RegistryError } from '../errors.ts';
import { exchange } from './exchange.ts';
import type { Wire } from './wire.ts';

/** A registry's challenge, read from `WWW-Authenticate`. */
export type Challenge = { scheme: 'basic' | 'bearer'; realm?: string; service?: string; scope?: string };

export function parseChallenge(header: string | undefined): Challenge | undefined {
  const [, scheme, rest] = /^(basic|bearer)\s*(.*)$/i.exec(header ?? '') ?? [];
  if (!scheme) return undefined;
  const parameters = Object.fromEntries(
    [...(rest ?? '').matchAll(/([a-z_]+)="([^"]*)"/gi)].map(([, name = '', value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  const { realm, service, scope } = parameters;
  return {
    scheme: scheme.toLowerCase() as Challenge['scheme'],
    ...(realm && { realm }),
    ...(service && { service }),
    ...(scope && { scope }),
  };
}

/**
 * Asks a token server for a bearer token (the registry's token authentication), with Basic credentials if there are any.
 * @throws ImageError where it gives none
 */
export async function fetchToken(
  wire: Wire,
  challenge: Challenge,
  basic: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  let url: URL;
  try {
    url = new URL(challenge.realm ?? '');
  } catch {
    throw new ImageError(`the registry's challenge names no token server (realm="${challenge.realm ?? ''}")`);
  }
  if (challenge.service) url.searchParams.set('service', challenge.service);
  for (const scope of challenge.scope?.split(' ') ?? []) url.searchParams.append('scope', scope);
  const headers = basic ? { authorization: basic } : {};
  const { status, body } = await exchange(wire, { method: 'GET', url, headers, signal });
  if (status !== 200) {
    throw new RegistryError(
      `the token server ${url.host} answered ${status} for ${challenge.scope ?? 'no scope'}`,
      status,
      '',
    );
  }
  const { token, access_token: accessToken } = JSON.parse(body.toString()) as Record<
    string,
    string | undefined
  >;
  const found = token ?? accessToken;
  if (!found) throw new ImageError(`the token server ${url.host} answered without a token`);
  return `Bearer ${found}`;
}

/** The `Authorization` header of Basic authentication. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
