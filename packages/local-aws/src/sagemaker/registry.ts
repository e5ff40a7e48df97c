/** What other parts need of the model registry: a package by its ARN or name. */
export { modelPackage } from './registry/records.ts';
export type { ModelPackageRecord } from './registry/records.ts';
