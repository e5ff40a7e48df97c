import {
  CreateModelCommand,
  DeleteModelCommand,
  DescribeModelCommand,
  SageMakerClient,
  type ContainerDefinition,
} from '@aws-sdk/client-sagemaker';
import { given, tagList } from './answers.ts';
import type { Aws } from './connect.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';
import { vpcConfig, type JobNetwork } from './network.ts';

export type ModelSpec = {
  name: string;
  roleArn: string;
  /** From a registered version, or from an image and its data. */
  from:
    | { packageArn: string }
    | { image: string; modelDataUri: string | null; environment: Record<string, string> };
  network: JobNetwork;
  tags: Record<string, string>;
};

export type Model = {
  name: string;
  arn: string;
  /** Empty where the model is made from a package only. */
  image: string;
  modelDataUri: string | null;
  packageArn: string | null;
  environment: Record<string, string>;
  roleArn: string;
};

export function models(aws: Aws) {
  const client = () => aws.client(SageMakerClient);
  return {
    /** Idempotent by name. AWS checks that the role can read the model data before it answers. */
    async create(spec: ModelSpec): Promise<'created' | 'already-there'> {
      const vpc = vpcConfig(spec.network);
      const container: ContainerDefinition =
        'packageArn' in spec.from
          ? { ModelPackageName: spec.from.packageArn }
          : {
              Image: spec.from.image,
              Environment: spec.from.environment,
              ...(spec.from.modelDataUri ? { ModelDataUrl: spec.from.modelDataUri } : {}),
            };
      try {
        await client().send(
          new CreateModelCommand({
            ModelName: spec.name,
            ExecutionRoleArn: spec.roleArn,
            PrimaryContainer: container,
            EnableNetworkIsolation: spec.network.isolated,
            ...(vpc ? { VpcConfig: vpc } : {}),
            Tags: tagList(spec.tags),
          }),
        );
        return 'created';
      } catch (error) {
        if (isAlreadyThere(error)) return 'already-there';
        throw error;
      }
    },

    async find(name: string): Promise<Model | undefined> {
      try {
        const model = await client().send(new DescribeModelCommand({ ModelName: name }));
        const container = model.PrimaryContainer ?? model.Containers?.[0] ?? {};
        return {
          name: given(model.ModelName, 'ModelName'),
          arn: given(model.ModelArn, 'ModelArn'),
          image: container.Image ?? '',
          modelDataUri: container.ModelDataUrl ?? container.ModelDataSource?.S3DataSource?.S3Uri ?? null,
          packageArn: container.ModelPackageName ?? null,
          environment: container.Environment ?? {},
          roleArn: model.ExecutionRoleArn ?? '',
        };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async delete(name: string): Promise<void> {
      try {
        await client().send(new DeleteModelCommand({ ModelName: name }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}
