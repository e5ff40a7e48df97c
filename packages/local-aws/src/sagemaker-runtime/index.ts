import type { CreateService } from '../kernel/world.ts';
import { invoke } from './invoke.ts';

/** SageMaker Runtime: invocations go straight to the model servers, past the generic protocol adapter. */
export const createSagemakerRuntime: CreateService = (world) => ({
  operations: {},
  raw: (request, response) => invoke(world, request, response),
});
