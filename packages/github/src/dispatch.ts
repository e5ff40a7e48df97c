import type { GithubApi } from './api.ts';
import { UserError } from './user-error.ts';

/** Starts the workflows that listen for `repository_dispatch` of this type. */
export async function dispatch(
  api: GithubApi,
  eventType: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  const keys = Object.keys(payload).length;
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (keys > 10 || bytes >= 64 * 1024) {
    throw new UserError(
      `repository_dispatch takes at most 10 properties and 64 KiB; ${eventType} has ${keys} and ${bytes} bytes`,
    );
  }
  await api.request('POST /repos/{owner}/{repo}/dispatches', {
    event_type: eventType,
    client_payload: payload,
  });
}
