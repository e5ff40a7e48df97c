import { instanceFacts, UserError } from '@tidegate/aws';
import type { InstanceFacts } from '@tidegate/aws';
import { checkCuda, formatCuda, formatPlatform } from '@tidegate/image';
import type { CudaCheck, UnpackedSize } from '@tidegate/image';
import type { Log } from '../surroundings.ts';
import type { BuildImageSettings } from './settings.ts';

type Target = Pick<BuildImageSettings, 'target' | 'instanceType' | 'platform'>;

/**
 * Lambda: "Uncompressed container image size exceeds 10 GiB limit"; SageMaker's serverless endpoints, which are built
 * on it: "Image size … is greater than supported size 10737418240". Endpoints on instances have no documented limit.
 */
const largestUnpackedBytes = 10 * 1024 ** 3;

/** @throws UserError where the platform is not the machine's: it would not even start */
export function requirePlatform(target: Target): void {
  const { platform } = target;
  const machine = machineOf(target);
  if (!machine || machine.architecture === platform.architecture) return;
  throw new UserError(
    `${machine.named} has an ${machine.architecture} processor, and platform is ${formatPlatform(platform)}: set platform: linux/${machine.architecture}, or choose another instance-type`,
  );
}

/**
 * @param packages undefined where the base has its own
 * @throws UserError where the CUDA of base, packages and machine cannot work together; what only wastes is a warning
 */
export function requireCuda(
  target: Target,
  base: CudaCheck['base'],
  packages: CudaCheck['packages'],
  log: Pick<Log, 'warning'>,
): void {
  const { gpu, named } = machineOf(target) ?? { gpu: 'unknown' as const, named: '' };
  const machine = gpu === 'unknown' ? undefined : { named, gpu: gpu === 'none' ? undefined : gpu };
  const { uses, problems, warnings } = checkCuda({ base, packages, machine });
  if (problems.length > 0) throw new UserError(`the image would not work: ${problems.join('; ')}`);
  for (const warning of warnings) log.warning(`${warning}.`);
  const driver = gpu === 'unknown' || gpu === 'none' ? undefined : gpu.driverCuda;
  const tooNew = uses.find(({ major }) => driver !== undefined && major > Number.parseInt(driver, 10));
  if (tooNew && named.startsWith('ml.'))
    log.warning(
      `${tooNew.by} is made with ${formatCuda(tooNew)}, and the driver of ${named} knows CUDA ${driver} unless the endpoint names a newer InferenceAmiVersion.`,
    );
}

/**
 * @param measure asked only where the target has a limit
 * @throws UserError where the image takes more than that when it is unpacked
 */
export async function requireUnpackedSize(
  target: Target,
  measure: () => Promise<UnpackedSize>,
  log: Pick<Log, 'warning'>,
): Promise<void> {
  const named = serverless(target);
  if (!named) return;
  const { atLeastBytes, unsaid } = await measure();
  const found = `the image takes ${(atLeastBytes / 1024 ** 3).toFixed(2)} GiB or more unpacked, and ${named} takes 10 GiB`;
  if (atLeastBytes > largestUnpackedBytes)
    throw new UserError(`${found}: use a smaller base, or keep the weights out of the image`);
  if (unsaid > 0) log.warning(`${unsaid} of the layers do not say how large they are unpacked: ${found}.`);
}

/** The machine by what it is called; what is serverless has no GPU and takes either architecture. */
function machineOf(target: Target): (InstanceFacts & { named: string }) | undefined {
  const { instanceType, platform } = target;
  const architecture = platform.architecture as InstanceFacts['architecture'];
  const named = serverless(target);
  if (named) return { named, architecture, gpu: 'none' };
  return instanceType === undefined ? undefined : { named: instanceType, ...instanceFacts(instanceType) };
}

function serverless({ target, instanceType }: Target): string | undefined {
  if (target === 'lambda') return 'Lambda';
  return instanceType === 'serverless' ? 'a serverless endpoint' : undefined;
}
