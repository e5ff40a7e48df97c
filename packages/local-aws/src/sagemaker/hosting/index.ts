import type { Operation, Service, World } from '../../kernel/world.ts';
import { resumeEndpoints } from './activity.ts';
import {
  createEndpointConfig,
  deleteEndpointConfig,
  describeEndpointConfig,
  listEndpointConfigs,
} from './endpoint-configs.ts';
import { createEndpoint, deleteEndpoint, describeEndpoint, listEndpoints } from './endpoints.ts';
import { createModel, deleteModel, describeModel, listModels } from './models.ts';
import { updateEndpoint, updateWeightsAndCapacities } from './update-endpoint.ts';

export { hostingConstraints } from './constraints.ts';

/** SageMaker's operations on models, endpoint configurations and endpoints. */
export function hostingOperations(world: World): Service['operations'] {
  const on =
    <Input, Output>(operation: (world: World, input: Input) => Output): Operation<Input, Output> =>
    (input) =>
      operation(world, input);
  return {
    CreateModel: on(createModel),
    DescribeModel: on(describeModel),
    ListModels: on(listModels),
    DeleteModel: on(deleteModel),
    CreateEndpointConfig: on(createEndpointConfig),
    DescribeEndpointConfig: on(describeEndpointConfig),
    ListEndpointConfigs: on(listEndpointConfigs),
    DeleteEndpointConfig: on(deleteEndpointConfig),
    CreateEndpoint: on(createEndpoint),
    DescribeEndpoint: on(describeEndpoint),
    ListEndpoints: on(listEndpoints),
    UpdateEndpoint: on(updateEndpoint),
    UpdateEndpointWeightsAndCapacities: on(updateWeightsAndCapacities),
    DeleteEndpoint: on(deleteEndpoint),
  };
}

/** Takes up endpoints where a server that ended left them; its processes must have been ended before. */
export const resumeHosting = resumeEndpoints;
