import type { CreateService } from '../kernel/world.ts';
import { endOrphans } from '../runtime/orphans.ts';
import { closing } from '../runtime/process.ts';
import { hostingConstraints, hostingOperations, resumeHosting } from './hosting/index.ts';
import { jobConstraints } from './jobs/constraints.ts';
import { processingOperations, resumeProcessing } from './jobs/processing/operations.ts';
import { resumeTraining, trainingOperations } from './jobs/training/operations.ts';
import { resumeTransform, transformOperations } from './jobs/transform/operations.ts';
import { registryConstraints } from './registry/constraints.ts';
import { registryOperations } from './registry/operations.ts';
import { arnExists } from './tags/arns.ts';
import { tagOperations } from './tags/tags.ts';

/** SageMaker's control plane. Each family of operations lives in a folder of its own. */
export const createSagemaker: CreateService = (world) => {
  // Asked for now, so that closing is known to whatever runs from here on.
  closing(world);
  return {
    operations: {
      ...trainingOperations(world),
      ...processingOperations(world),
      ...transformOperations(world),
      ...registryOperations(world),
      ...tagOperations(world, (arn) => arnExists(world, arn)),
      ...hostingOperations(world),
    },
    constraints: { ...jobConstraints, ...registryConstraints, ...hostingConstraints },
    resume() {
      endOrphans(world);
      resumeTraining(world);
      resumeProcessing(world);
      resumeTransform(world);
      resumeHosting(world);
    },
  };
};
