import { formatCuda } from './cuda-of.ts';
import type { Cuda } from './cuda-of.ts';

/** A GPU by what CUDA knows it by (https://developer.nvidia.com/cuda-gpus). */
export type Gpu = { name: string; computeCapability: string };

type Support = { first: { major: number; minor: number }; lastMajor?: number };

/**
 * The first and last toolkits whose code runs on GPUs of a compute capability: NVIDIA's "CUDA Toolkit, Driver, and
 * Architecture Matrix". Code for 8.0 runs on 8.6 and 8.9, for 7.0 on 7.5, for 10.0 on 10.3: what counts is the
 * first toolkit for the same major ("Application Compatibility" of the architectures' compatibility guides). That code may
 * carry PTX, which the driver of a newer GPU compiles, is not counted on.
 */
const support: Readonly<Record<string, Support>> = {
  '3': { first: { major: 6, minor: 0 }, lastMajor: 11 },
  '5': { first: { major: 6, minor: 5 }, lastMajor: 12 },
  '7.0': { first: { major: 9, minor: 0 }, lastMajor: 12 },
  '7': { first: { major: 9, minor: 0 } },
  '8': { first: { major: 11, minor: 0 } },
  '9': { first: { major: 11, minor: 8 } },
  '10': { first: { major: 12, minor: 8 } },
  '12': { first: { major: 12, minor: 8 } },
};

/** Why code of a toolkit cannot run on a GPU; undefined where it can, or nothing is known against it. */
export function unsupported(cuda: Cuda, { name, computeCapability }: Gpu): string | undefined {
  const known = support[computeCapability] ?? support[computeCapability.split('.')[0] ?? ''];
  if (!known) return undefined;
  const { first, lastMajor } = known;
  const gpu = `${name} (compute capability ${computeCapability})`;
  if (lastMajor !== undefined && cuda.major > lastMajor)
    return `${cuda.by} is made with ${formatCuda(cuda)}, and ${gpu} is known to CUDA ${lastMajor} and older only`;
  const isOlder =
    cuda.major < first.major || (cuda.major === first.major && (cuda.minor ?? 99) < first.minor);
  if (!isOlder) return undefined;
  return `${cuda.by} is made with ${formatCuda(cuda)}, and ${gpu} needs ${formatCuda(first)} or newer`;
}
