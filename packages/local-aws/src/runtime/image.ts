import type { World } from '../kernel/world.ts';
import { ContainerError } from './container-error.ts';

/** What an image says about how to run it: the `config` object of its OCI configuration. */
export type ImageConfig = {
  Entrypoint?: readonly string[] | null;
  Cmd?: readonly string[] | null;
  Env?: readonly string[] | null;
  WorkingDir?: string;
  Labels?: Readonly<Record<string, string>> | null;
};

export type Image =
  /** Pushed to the local registry: the files of its own layers are in `rootfs`. */
  | { kind: 'registry'; rootfs: string; config: ImageConfig }
  /** One of AWS's own images whose Python contract this runtime plays itself. */
  | { kind: 'framework'; repository: string };

/** Repositories of AWS's deep learning and framework images that run a user's Python script. */
const frameworkRepositories = [
  'sagemaker-scikit-learn',
  'sagemaker-xgboost',
  'sagemaker-base-python',
  'pytorch-training',
  'tensorflow-training',
  'huggingface-pytorch-training',
];

/** `<12 digits>.dkr.ecr.<region>.amazonaws.com[.cn]/<repository>[:<tag>][@<digest>]` */
const ecrUri = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([^@]+))?(?:@(.+))?$/;

/** The parts of an ECR image's URI, or `undefined` for anything else. */
export function parseImageUri(
  uri: string,
): { registry: string; region: string; repository: string } | undefined {
  const [, registry, region, repository] = ecrUri.exec(uri) ?? [];
  return registry === undefined || region === undefined || repository === undefined
    ? undefined
    : { registry, region, repository };
}

/** True for AWS's own framework images, which live in AWS's accounts and not in this one. */
function isFrameworkImage(world: World, uri: string): boolean {
  const parsed = parseImageUri(uri);
  return (
    parsed !== undefined &&
    parsed.registry !== world.account &&
    frameworkRepositories.includes(parsed.repository)
  );
}

/** True where `openImage` would find the image. */
export async function imageExists(world: World, uri: string): Promise<boolean> {
  if (isFrameworkImage(world, uri)) return true;
  const { resolveImage } = await import('../ecr/images.ts');
  return resolveImage(world, uri) !== undefined;
}

/** @throws ContainerError when the image is neither in the local registry nor one of the known framework images */
export async function openImage(world: World, uri: string): Promise<Image> {
  if (isFrameworkImage(world, uri))
    return { kind: 'framework', repository: parseImageUri(uri)?.repository ?? uri };
  const { materialiseImage, resolveImage } = await import('../ecr/images.ts');
  if (resolveImage(world, uri) === undefined) {
    throw new ContainerError(
      'Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect.',
    );
  }
  const { rootfs, config } = await materialiseImage(world, uri);
  return { kind: 'registry', rootfs, config: config.config ?? {} };
}
