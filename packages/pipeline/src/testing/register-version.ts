import { modelPackages, type Aws } from '@tidegate/aws';
import { provenance } from './stage.ts';

/** A version in the registry of an image and an archive, from the stage's commit where none is named. Gives its ARN. */
export async function registerVersion(
  aws: Aws,
  version: { model: string; image: string; modelUri: string; commit?: string },
): Promise<string> {
  await modelPackages(aws).ensureGroup(version.model, 'test', {});
  return await modelPackages(aws).create({
    group: version.model,
    description: 'test',
    image: version.image,
    modelDataUri: version.modelUri,
    environment: {},
    contentTypes: ['application/json'],
    responseTypes: ['application/json'],
    inferenceInstances: [],
    transformInstances: [],
    approval: 'Approved',
    qualityStatisticsUri: null,
    baselineStatisticsUri: null,
    baselineConstraintsUri: null,
    commit: version.commit ?? provenance.commit,
    repository: provenance.repository,
    properties: {},
    clientToken: version.modelUri.replace(/\W/g, '').slice(-36),
  });
}
