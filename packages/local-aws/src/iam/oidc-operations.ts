import type {
  AddClientIDToOpenIDConnectProviderCommandInput,
  CreateOpenIDConnectProviderCommandInput,
  GetOpenIDConnectProviderCommandInput,
  TagOpenIDConnectProviderCommandInput,
  UntagOpenIDConnectProviderCommandInput,
  UpdateOpenIDConnectProviderThumbprintCommandInput,
} from '@aws-sdk/client-iam';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { entityAlreadyExists, noSuchEntity } from './names.ts';
import { oidcProviders, type OidcProviderRecord, type Tag } from './records.ts';
import { merged, without } from './tags.ts';

export function oidcOperations(world: World): Record<string, Operation> {
  const require = (arn: string | undefined) => {
    const provider = oidcProviders(world).get(arn ?? '');
    if (provider) return provider;
    throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
  };
  const change = (
    arn: string | undefined,
    changes: (provider: OidcProviderRecord) => Partial<OidcProviderRecord>,
  ) => {
    const provider = require(arn);
    oidcProviders(world).put(provider.arn, { ...provider, ...changes(provider) });
  };
  return {
    CreateOpenIDConnectProvider(input: CreateOpenIDConnectProviderCommandInput) {
      const url = input.Url ?? '';
      const issuer = issuerOf(url);
      const arn = `arn:aws:iam::${world.account}:oidc-provider/${issuer}`;
      if (oidcProviders(world).get(arn))
        throw entityAlreadyExists(`Provider with url ${url} already exists.`);
      const provider: OidcProviderRecord = {
        arn,
        issuer,
        url,
        clientIds: input.ClientIDList ?? [],
        thumbprints: input.ThumbprintList ?? [],
        created: world.clock.now(),
        tags: (input.Tags ?? []) as Tag[],
      };
      oidcProviders(world).put(arn, provider);
      return { OpenIDConnectProviderArn: arn, Tags: provider.tags };
    },

    GetOpenIDConnectProvider({ OpenIDConnectProviderArn }: GetOpenIDConnectProviderCommandInput) {
      const { issuer, clientIds, thumbprints, created, tags } = require(OpenIDConnectProviderArn);
      return {
        Url: issuer,
        ClientIDList: clientIds,
        ThumbprintList: thumbprints,
        CreateDate: new Date(created),
        Tags: tags,
      };
    },

    ListOpenIDConnectProviders: () => ({
      OpenIDConnectProviderList: oidcProviders(world)
        .values()
        .map(({ arn }) => ({ Arn: arn })),
    }),

    /** Deleting what is not there succeeds: the operation is idempotent. */
    DeleteOpenIDConnectProvider: ({ OpenIDConnectProviderArn }: GetOpenIDConnectProviderCommandInput) =>
      void oidcProviders(world).delete(OpenIDConnectProviderArn ?? ''),

    AddClientIDToOpenIDConnectProvider: ({
      OpenIDConnectProviderArn,
      ClientID = '',
    }: AddClientIDToOpenIDConnectProviderCommandInput) =>
      change(OpenIDConnectProviderArn, ({ clientIds }) => ({
        clientIds: [...new Set([...clientIds, ClientID])],
      })),

    RemoveClientIDFromOpenIDConnectProvider: ({
      OpenIDConnectProviderArn,
      ClientID,
    }: AddClientIDToOpenIDConnectProviderCommandInput) =>
      change(OpenIDConnectProviderArn, ({ clientIds }) => ({
        clientIds: clientIds.filter((id) => id !== ClientID),
      })),

    UpdateOpenIDConnectProviderThumbprint: (input: UpdateOpenIDConnectProviderThumbprintCommandInput) =>
      change(input.OpenIDConnectProviderArn, () => ({ thumbprints: input.ThumbprintList ?? [] })),

    TagOpenIDConnectProvider: ({ OpenIDConnectProviderArn, Tags }: TagOpenIDConnectProviderCommandInput) =>
      change(OpenIDConnectProviderArn, ({ tags }) => ({ tags: merged(tags, Tags as Tag[]) })),

    UntagOpenIDConnectProvider: ({
      OpenIDConnectProviderArn,
      TagKeys,
    }: UntagOpenIDConnectProviderCommandInput) =>
      change(OpenIDConnectProviderArn, ({ tags }) => ({ tags: without(tags, TagKeys ?? []) })),

    ListOpenIDConnectProviderTags: ({ OpenIDConnectProviderArn }: GetOpenIDConnectProviderCommandInput) => ({
      Tags: require(OpenIDConnectProviderArn).tags,
      IsTruncated: false,
    }),
  };
}

/** IAM wants https; http is let through for an issuer on this machine, and for no other. */
export function issuerOf(url: string): string {
  const match = /^(https|http):\/\/([^/?#]+)([^?#]*)$/.exec(url);
  const [, scheme, host = '', path = ''] = match ?? [];
  const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);
  if (scheme === undefined || (scheme === 'http' && !loopback))
    throw new AwsError('ValidationError', 'Invalid Open ID Connect Provider URL');
  return `${host}${path.replace(/\/$/, '')}`;
}
