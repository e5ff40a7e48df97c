import type { CreateService } from '../kernel/world.ts';
import { glueConstraints } from './constraints.ts';
import { databaseOperations } from './database-operations.ts';
import { partitionOperations } from './partition-operations.ts';
import { tableOperations } from './table-operations.ts';

/** The Glue Data Catalog, as far as Athena needs it. */
export const createGlue: CreateService = (world) => ({
  operations: {
    ...databaseOperations(world),
    ...tableOperations(world),
    ...partitionOperations(world),
  },
  constraints: glueConstraints,
});
