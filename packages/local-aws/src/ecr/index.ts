import type { CreateService } from '../kernel/world.ts';
import { accountOperations } from './account.ts';
import { answerRegistry } from './distribution/index.ts';
import { imageOperations } from './image-operations.ts';
import { layerOperations } from './layer-operations.ts';
import { repositoryOperations } from './repository-operations.ts';

/** Elastic Container Registry: its own API, and the registry that container clients speak to below /v2/. */
export const createEcr: CreateService = (world) => ({
  operations: {
    ...accountOperations(world),
    ...repositoryOperations(world),
    ...imageOperations(world),
    ...layerOperations(world),
  },
  raw: (request, response) => answerRegistry(world, request, response),
});
