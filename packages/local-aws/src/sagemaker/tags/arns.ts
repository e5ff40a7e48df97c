import type { World } from '../../kernel/world.ts';
import { endpointConfigTable, endpointTable, modelTable } from '../hosting/records.ts';
import { processingJobs } from '../jobs/processing/record.ts';
import { trainingJobs } from '../jobs/training/record.ts';
import { transformJobs } from '../jobs/transform/record.ts';
import { modelPackageGroups, modelPackages } from '../registry/records.ts';

/** Where things of each kind are kept, by the kind's name in an ARN. */
const tables = {
  'training-job': trainingJobs,
  'processing-job': processingJobs,
  'transform-job': transformJobs,
  'model-package': modelPackages,
  'model-package-group': modelPackageGroups,
  model: modelTable,
  'endpoint-config': endpointConfigTable,
  endpoint: endpointTable,
} as const satisfies Record<string, (world: World) => { values(): { arn: string }[] }>;

/** True where an ARN names something of SageMaker's that is there. */
export function arnExists(world: World, arn: string): boolean {
  const kind = /^arn:aws:sagemaker:[^:]+:\d{12}:([^/]+)\//.exec(arn)?.[1] ?? '';
  const table = Object.entries(tables).find(([name]) => name === kind)?.[1];
  return (
    table?.(world)
      .values()
      .some((record) => record.arn === arn) ?? false
  );
}
