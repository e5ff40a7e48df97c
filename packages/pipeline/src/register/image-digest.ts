import { parseEcrHost, registries, UserError, type Aws } from '@tidegate/aws';

/** The image by digest: a tag may point elsewhere tomorrow. @throws UserError when the image is not there or cannot be looked up */
export async function imageByDigest(aws: Aws, image: string): Promise<string> {
  const [, host = '', repository = '', tag, digest] =
    /^([^/]+)\/([^:@]+)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
  const owner = parseEcrHost(host);
  if (!owner) {
    if (digest) return image;
    throw new UserError(`The image ${image} is not in ECR, so give it by digest (…@sha256:…).`);
  }
  const found = await registries(aws).describeImage(
    repository,
    digest ? { digest } : { tag: tag ?? 'latest' },
    owner,
  );
  if (!found)
    throw new UserError(`The image ${image} does not exist (build-inference-image makes and pushes one).`);
  return `${host}/${repository}@${found.digest}`;
}
