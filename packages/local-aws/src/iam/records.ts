import type { Instant, Table, World } from '../kernel/world.ts';

export type Tag = { Key: string; Value: string };

export type RoleRecord = {
  name: string;
  path: string;
  id: string;
  arn: string;
  created: Instant;
  description?: string;
  /** The policy that says who may assume the role: JSON text. */
  trustPolicy: string;
  maxSessionSeconds: number;
  tags: Tag[];
  /** Name → JSON text. */
  inlinePolicies: Record<string, string>;
  /** Name by ARN. */
  attachedPolicies: Record<string, string>;
};

export type PolicyRecord = {
  name: string;
  path: string;
  id: string;
  arn: string;
  created: Instant;
  description?: string;
  document: string;
  tags: Tag[];
};

/** An identity provider whose tokens `AssumeRoleWithWebIdentity` accepts. */
export type OidcProviderRecord = {
  arn: string;
  /** The issuer without its scheme, as ARNs and condition keys spell it. */
  issuer: string;
  /** As it was given. */
  url: string;
  clientIds: string[];
  thumbprints: string[];
  created: Instant;
  tags: Tag[];
};

export const roles = (world: World): Table<RoleRecord> => world.store.table('iam-roles');
export const policies = (world: World): Table<PolicyRecord> => world.store.table('iam-policies');
export const oidcProviders = (world: World): Table<OidcProviderRecord> =>
  world.store.table('iam-oidc-providers');
