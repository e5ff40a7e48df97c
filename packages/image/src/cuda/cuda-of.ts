import type { ImageConfig } from '../config.ts';

/** A version of CUDA's toolkit that something was made with; without a minor where it only says `cu12`. */
export type Cuda = { major: number; minor?: number; /** Who says so. */ by: string };

export type Package = { name: string; version: string };

/** What an image's configuration says of the CUDA in it, as NVIDIA's images and all that are made from them do. */
export function cudaOfConfig({ config }: Pick<ImageConfig, 'config'>, named: string): Cuda | undefined {
  const variable = (name: string) =>
    config?.Env?.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  const required = /cuda>=([\d.]+)/.exec(variable('NVIDIA_REQUIRE_CUDA') ?? '')?.[1];
  const said = variable('CUDA_VERSION') ?? config?.Labels?.['com.nvidia.cuda.version'] ?? required;
  const [, major, minor] = /^(\d+)(?:\.(\d+))?/.exec(said ?? '') ?? [];
  return major ? cuda(major, minor, named) : undefined;
}

/** Whether an image is made to be given a GPU, with CUDA of its own or not. */
export function wantsGpu({ config }: Pick<ImageConfig, 'config'>): boolean {
  return (
    config?.Env?.some((line) => /^(NVIDIA_VISIBLE_DEVICES|NVIDIA_DRIVER_CAPABILITIES)=/.test(line)) ?? false
  );
}

/**
 * The CUDA that a package was made for, as its name or its local version says: `nvidia-cublas-cu12`, `cupy-cuda12x`,
 * `jax-cuda12-plugin`, `torch==2.6.0+cu124`. The runtime's own version is the toolkit's.
 */
export function cudaOfPackage({ name, version }: Package): Cuda | undefined {
  const normal = name.toLowerCase().replace(/[-_.]+/g, '-');
  const by = `${name}==${version}`;
  const [, major, minor] =
    (/^nvidia-cuda-runtime(?:-cu\d+)?$/.test(normal) ? /^(\d+)\.(\d+)/.exec(version) : undefined) ??
    /\+cu(\d\d)(\d)?/.exec(version) ??
    /-cu(?:da)?(\d\d)(\d)?x?(?:-|$)/.exec(normal) ??
    [];
  return major ? cuda(major, minor, by) : undefined;
}

export function formatCuda({ major, minor }: Pick<Cuda, 'major' | 'minor'>): string {
  return minor === undefined ? `CUDA ${major}` : `CUDA ${major}.${minor}`;
}

function cuda(major: string, minor: string | undefined, by: string): Cuda {
  return { major: Number(major), ...(minor !== undefined && { minor: Number(minor) }), by };
}
