import type { ImageConfig } from '../config.ts';
import { cudaOfConfig, cudaOfPackage, formatCuda, wantsGpu } from './cuda-of.ts';
import type { Cuda, Package } from './cuda-of.ts';
import { unsupported } from './gpu-support.ts';
import type { Gpu } from './gpu-support.ts';

/** What CUDA is checked against; where the machine is not known, base and packages are against each other. */
export type CudaCheck = {
  base: { named: string; config: Pick<ImageConfig, 'config'> };
  /** As they were resolved; undefined where the base has its own. */
  packages: readonly Package[] | undefined;
  machine: { named: string; gpu: Gpu | undefined } | undefined;
};

export type CudaFindings = {
  /** What the image would use on a GPU: the packages' own where they bring some, otherwise the base's. */
  uses: Cuda[];
  /** What cannot work. */
  problems: string[];
  /** What works and wastes. */
  warnings: string[];
};

/** Whether the CUDA of a base, of Python packages and of a machine's GPU go together. */
export function checkCuda({ base, packages = [], machine }: CudaCheck): CudaFindings {
  const ofBase = cudaOfConfig(base.config, base.named);
  const ofPackages = newestOfEach(packages.map(cudaOfPackage).filter((found) => found !== undefined));
  const uses = ofPackages.length > 0 ? ofPackages : ofBase ? [ofBase] : [];
  const found: CudaFindings = {
    uses,
    problems: [...strangersToTorch(packages), ...withoutLibraries(packages, base.named, ofBase)],
    warnings: [],
  };
  const [own] = ofPackages;
  if (ofBase && own && own.major !== ofBase.major) {
    found.warnings.push(
      `${base.named} brings ${formatCuda(ofBase)}, and the packages (${own.by}) bring ${formatCuda(own)} of their own: a base without CUDA would do, and be gigabytes smaller`,
    );
  }
  if (!machine) return found;
  const { gpu, named } = machine;
  const [use] = uses;
  if (gpu) {
    for (const each of uses) {
      const problem = unsupported(each, { ...gpu, name: `the ${gpu.name} of ${named}` });
      if (problem) found.problems.push(problem);
    }
    const mayUseIt = wantsGpu(base.config) || packages.some(({ name }) => /gpu|cuda/i.test(name));
    if (!use && packages.length > 0 && !mayUseIt)
      found.warnings.push(`nothing in the image says that it uses the ${gpu.name} of ${named}`);
  } else if (use) {
    found.warnings.push(
      `${use.by} brings ${formatCuda(use)}, and ${named} has no NVIDIA GPU: ${own ? 'packages made for CPUs' : 'a base without CUDA'} would be gigabytes smaller`,
    );
  }
  return found;
}

/** One of each major version, the most exact and then the newest. */
function newestOfEach(all: readonly Cuda[]): Cuda[] {
  const sorted = all.toSorted((a, b) => b.major - a.major || (b.minor ?? -1) - (a.minor ?? -1));
  return sorted.filter(({ major }, at) => sorted[at - 1]?.major !== major);
}

/** What was built against another CUDA than PyTorch was: PyTorch refuses to load it. */
function strangersToTorch(packages: readonly Package[]): string[] {
  const torch = packages.find(({ name }) => name.toLowerCase() === 'torch');
  // PyPI's own torch does not say it; the runtime that it depends on does.
  const runtime = packages.find(({ name }) => /^nvidia[-_.]cuda[-_.]runtime/.test(name.toLowerCase()));
  const own = torch && (cudaOfPackage(torch) ?? (runtime && cudaOfPackage(runtime)));
  if (!torch || !own) return [];
  return packages.flatMap(({ name, version }) => {
    const theirs = version.includes('+cu') ? cudaOfPackage({ name, version }) : undefined;
    if (!theirs || theirs.major === own.major) return [];
    return [
      `${theirs.by} is built for CUDA ${theirs.major}, and torch==${torch.version} for CUDA ${own.major}: take both from the same index`,
    ];
  });
}

/** What brings no CUDA of its own and finds none: the packages that are known to need it from elsewhere. */
function withoutLibraries(packages: readonly Package[], named: string, ofBase: Cuda | undefined): string[] {
  const libraries = packages.filter(({ name }) => /^(nvidia[-_.]|torch$)/i.test(name)).map(cudaOfPackage);
  const there = new Set([...libraries, ofBase].map((each) => each?.major));
  return packages.flatMap((each) => {
    const needed = /^(cupy|jax)[-_.]cuda/i.test(each.name) ? cudaOfPackage(each) : undefined;
    if (!needed || there.has(needed.major)) return [];
    const has = ofBase ? `has ${formatCuda(ofBase)}` : 'has no CUDA';
    return [
      `${needed.by} needs the libraries of CUDA ${needed.major}: ${named} ${has}, and no package brings them`,
    ];
  });
}
