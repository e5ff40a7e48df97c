import { identity, parseEcrHost, registries, UserError } from '@tidegate/aws';
import type { Aws } from '@tidegate/aws';
import { dockerAuthorization, openRegistry, parseReference } from '@tidegate/image';
import type { Reference, Registry, RegistryAccess } from '@tidegate/image';

/** The registries of a build: where the base is read and where the image goes. */
export type Connections = {
  /** The base's own registry, opened when somebody needs it: with a copy of the base nobody does. */
  openBase: () => Promise<Registry>;
  to: Registry;
  /** The full name of the repository that the image goes to, without tag and digest. */
  destination: Reference;
  /** Whether bases come from an emulator's own stock. */
  isMadeUp: boolean;
  close(): void;
};

/** Both registries; the same one, if the base is where the image goes. */
export async function connectRegistries(
  { base, repository }: { base: Reference | undefined; repository: string },
  { aws, signal }: { aws: Aws; signal: AbortSignal },
): Promise<Connections> {
  const destination = await nameDestination(repository, aws);
  const ecr = parseEcrHost(destination.registry);
  const to = await registryAccess(destination.registry, aws);
  // AWS's own endpoint is an amazonaws.com host; anything else stands in for it and for the rest of the world.
  const isEmulated =
    ecr !== undefined && !new URL(to.url).hostname.endsWith('.amazonaws.com') && !isAmazonChina(to.url);
  // A builder reads its bases itself.
  const isSame = base === undefined || base.registry === destination.registry;
  const isMadeUp = !isSame && isEmulated && parseEcrHost(base.registry) === undefined;
  const from = async (host: string): Promise<RegistryAccess> =>
    isMadeUp ? { ...to, mirrorOf: host } : registryAccess(host, aws);
  const toRegistry = openRegistry(to, { signal });
  let opening = isSame ? Promise.resolve(toRegistry) : undefined;
  return {
    openBase: () =>
      (opening ??= from(base?.registry ?? '').then((access) => openRegistry(access, { signal }))),
    to: toRegistry,
    destination,
    isMadeUp,
    close() {
      toRegistry.close();
      opening?.then(
        (registry) => registry.close(),
        () => undefined,
      );
    },
  };
}

async function nameDestination(repository: string, aws: Aws): Promise<Reference> {
  if (repository.includes('@') || /:[^/]*$/.test(repository)) {
    throw new UserError(
      `repository "${repository}" has a tag or digest: name the repository alone, tags are an input of their own`,
    );
  }
  const isWhole = /^[^/]*[.:][^/]*\//.test(repository);
  if (isWhole) return withoutTag(parseReference(repository));
  const { account } = await identity(aws).caller();
  const domain = aws.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return withoutTag(parseReference(`${account}.dkr.ecr.${aws.region}.${domain}/${repository}`));
}

function withoutTag({ registry, repository }: Reference): Reference {
  return { registry, repository };
}

/** How a registry is reached, and as whom. */
export async function registryAccess(host: string, aws: Aws): Promise<RegistryAccess> {
  return parseEcrHost(host) ? ecrAccess(aws, host) : publicAccess(host);
}

async function ecrAccess(aws: Aws, host: string): Promise<RegistryAccess> {
  const { registryUrl } = await registries(aws).access(host);
  return { url: registryUrl, authorization: async () => (await registries(aws).access(host)).authorization };
}

function isAmazonChina(url: string): boolean {
  return new URL(url).hostname.endsWith('.amazonaws.com.cn');
}

/** A registry outside of ECR, with what `docker login` left behind for it. */
async function publicAccess(host: string): Promise<RegistryAccess> {
  const api = host === 'docker.io' ? 'registry-1.docker.io' : host;
  const scheme = /^(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(host) ? 'http' : 'https';
  return { url: `${scheme}://${api}`, authorization: () => dockerAuthorization(host) };
}
