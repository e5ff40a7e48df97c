import { resolveImage } from '../../ecr/images.ts';
import type { World } from '../../kernel/world.ts';

/** The image by its digest, as DescribeEndpoint's DeployedImages show it; nothing for images that are not in this registry. */
export function resolvedImage(world: World, uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined;
  const image = resolveImage(world, uri);
  return image && `${uri.replace(/@.*$/, '').replace(/:[^/:]+$/, '')}@${image.digest}`;
}
