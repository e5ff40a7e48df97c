import type { Access, Permissions } from '../host.ts';
import type { Json } from '../expressions/values.ts';

/** Every scope a job's token can have. */
const SCOPES = [
  'actions',
  'artifact-metadata',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'models',
  'packages',
  'pages',
  'pull-requests',
  'repository-projects',
  'security-events',
  'statuses',
] as const;

const all = (access: Access): Permissions => Object.fromEntries(SCOPES.map((scope) => [scope, access]));

/** What a token has where no workflow says: GitHub's restricted default, or its permissive one. */
export const defaultPermissions = (setting: 'read' | 'write'): Permissions =>
  setting === 'read'
    ? { ...all('none'), contents: 'read', packages: 'read' }
    : { ...all('write'), 'id-token': 'none' };

/** `permissions:` as written; a scope that is not named gets nothing. */
export function permissionsOf(written: Json): Permissions {
  if (written === 'read-all') return { ...all('read'), 'id-token': 'none' };
  if (written === 'write-all') return all('write');
  return { ...all('none'), ...(written as Permissions | null) };
}

const RANK: Record<Access, number> = { none: 0, read: 1, write: 2 };

export const allows = (granted: Access | undefined, wanted: Access): boolean =>
  RANK[granted ?? 'none'] >= RANK[wanted];

/** The scopes of which `wanted` asks for more than `granted` has, as `id-token: write`. */
export const beyond = (wanted: Permissions, granted: Permissions): string[] =>
  Object.entries(wanted)
    .filter(([scope, access]) => !allows(granted[scope], access))
    .map(([scope, access]) => `${scope}: ${access}`);

/** No more than `granted`. */
export const within = (wanted: Permissions, granted: Permissions): Permissions =>
  Object.fromEntries(
    Object.entries(wanted).map(([scope, access]) => [
      scope,
      allows(granted[scope], access) ? access : (granted[scope] ?? 'none'),
    ]),
  );
