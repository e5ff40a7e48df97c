import { objects, parseEcrHost, registries, UserError, type Aws } from '@tidegate/aws';

/** What of a version no longer exists, as sentences. What we may not look at counts as there. */
export async function missingArtifacts(
  { image, modelArtifacts }: { image: string | null; modelArtifacts: string | null },
  aws: Aws,
): Promise<string[]> {
  const [imageThere, dataThere] = await Promise.all([
    image === null || image === '' ? true : imageExists(image, aws),
    modelArtifacts === null ? true : objectExists(modelArtifacts, aws),
  ]);
  return [
    ...(imageThere ? [] : [`the image ${image} is no longer in its repository`]),
    ...(dataThere ? [] : [`the model artifacts ${modelArtifacts} have been deleted`]),
  ];
}

async function imageExists(image: string, aws: Aws): Promise<boolean> {
  const [, host = '', repository = '', tag, digest] =
    /^([^/]+)\/([^:@]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
  const owner = parseEcrHost(host);
  if (owner === undefined) return true;
  const id = digest === undefined ? { tag: tag ?? 'latest' } : { digest };
  return await allowed(
    async () => (await registries(aws).describeImage(repository, id, owner)) !== undefined,
  );
}

const objectExists = (uri: string, aws: Aws) =>
  allowed(async () => (await objects(aws).expand(uri)).length > 0);

/** AWS's own images and other accounts' buckets often may be used but not looked at. */
async function allowed(look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof UserError) return true;
    throw error;
  }
}
