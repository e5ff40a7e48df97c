import type { ContainerDefinition } from '@aws-sdk/client-sagemaker';
import { notBuilt } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { imageExists } from '../../runtime/image.ts';
import { objectExists, parseS3Uri } from '../../s3/objects.ts';
import { invalid } from './hosting-errors.ts';

const mostEnvironmentBytes = 32 * 1024;

/** @throws AwsError `ValidationException` for model data, an image or an environment that SageMaker would refuse */
export async function checkContainer(
  world: World,
  container: ContainerDefinition,
  roleArn?: string,
): Promise<void> {
  if (container.Mode === 'MultiModel') throw notBuilt('CreateModel with Mode MultiModel');
  if (container.AdditionalModelDataSources?.length)
    throw notBuilt('CreateModel with AdditionalModelDataSources');
  if (container.ModelDataUrl !== undefined && container.ModelDataSource) {
    throw invalid('Cannot specify both ModelDataUrl and ModelDataSource.');
  }
  checkEnvironment(container.Environment ?? {});
  const data = modelDataUri(container);
  if (data !== undefined && !isThere(world, data)) {
    throw invalid(
      `Could not access model data at ${data}. Please ensure that the role "${roleArn ?? ''}" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is located in ${world.region}.`,
    );
  }
  const image = container.Image;
  if (image !== undefined && !(await imageExists(world, image))) {
    throw invalid(`Requested image ${image} not found.`);
  }
}

/** Where the container's model.tar.gz is, if it has one. */
export function modelDataUri(container: ContainerDefinition): string | undefined {
  const source = container.ModelDataSource?.S3DataSource;
  if (source && source.CompressionType !== 'Gzip')
    throw notBuilt('Uncompressed model data (ModelDataSource)');
  return container.ModelDataUrl ?? source?.S3Uri;
}

function isThere(world: World, uri: string): boolean {
  const { bucket, key } = parseS3Uri(uri);
  return objectExists(world, bucket, key) !== undefined;
}

function checkEnvironment(environment: Record<string, string>) {
  const entries = Object.entries(environment);
  if (entries.length > 100)
    throw invalid(`A container takes at most 100 environment variables, not ${entries.length}.`);
  for (const [name, value] of entries) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.length > 1024 || value.length > 1024) {
      throw invalid(
        `The environment variable ${name} must be a name of letters, digits and _, and a value of at most 1024 characters.`,
      );
    }
  }
  const bytes = entries.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > mostEnvironmentBytes)
    throw invalid(`A container's environment takes at most 32 KB, not ${bytes} bytes.`);
}
