import type { CreateService } from '../kernel/world.ts';
import { athenaConstraints } from './constraints.ts';
import { queryOperations } from './queries/operations.ts';
import { resumeQueries } from './queries/run-query.ts';
import { tableMetadataOperations } from './table-metadata.ts';
import { workGroupOperations } from './work-groups.ts';

/** Athena: SELECTs run in DuckDB over the local S3's objects, DDL changes the local Glue catalog. */
export const createAthena: CreateService = (world) => ({
  operations: { ...queryOperations(world), ...workGroupOperations(world), ...tableMetadataOperations(world) },
  constraints: athenaConstraints,
  resume: () => resumeQueries(world),
});
