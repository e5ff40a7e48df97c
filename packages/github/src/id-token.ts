import { UserError } from './user-error.ts';

/**
 * The workflow's OIDC token for an audience. Asked for with `fetch`: the toolkit's client for this one GET
 * would bring an HTTP library, and a third of the start-up time, into every action.
 */
export async function idToken(
  environment: Readonly<Record<string, string | undefined>>,
  audience: string,
): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = environment;
  if (!url || !token) {
    throw new UserError(
      'role-to-assume needs the workflow’s OIDC token: give the job `permissions: { id-token: write }`',
    );
  }
  const request = new URL(url);
  request.searchParams.set('audience', audience);
  const response = await fetch(request, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`GitHub gave no OIDC token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { value: string }).value;
}
