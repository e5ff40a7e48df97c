import type { Constraints } from '../../kernel/constraints.ts';

const name = { min: 1, max: 63, pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}' };
const approval = { enum: ['Approved', 'Rejected', 'PendingManualApproval'] };

/** Patterns, lengths, ranges and enums of the registry's and the tags' requests, from the service model. */
export const registryConstraints: Constraints = {
  'CreateModelPackageGroupInput.ModelPackageGroupName': name,
  'CreateModelPackageGroupInput.ModelPackageGroupDescription': { max: 1024 },
  'CreateModelPackageInput.ModelPackageName': name,
  'CreateModelPackageInput.ModelPackageGroupName': { min: 1, max: 170 },
  'CreateModelPackageInput.ModelPackageDescription': { max: 1024 },
  'CreateModelPackageInput.ModelApprovalStatus': approval,
  'CreateModelPackageInput.ClientToken': { min: 1, max: 36, pattern: '[a-zA-Z0-9-]+' },
  'CreateModelPackageInput.AdditionalInferenceSpecifications': { min: 1, max: 15 },
  'InferenceSpecification.Containers': { min: 1, max: 15 },
  'UpdateModelPackageInput.ModelApprovalStatus': approval,
  'UpdateModelPackageInput.ApprovalDescription': { max: 1024 },
  'ListModelPackagesInput.MaxResults': { min: 1, max: 100 },
  'ListModelPackageGroupsInput.MaxResults': { min: 1, max: 100 },
  'ListModelPackagesInput.ModelApprovalStatus': approval,
  'ListModelPackagesInput.ModelPackageType': { enum: ['Versioned', 'Unversioned', 'Both'] },
  'AddTagsInput.Tags': { max: 50 },
  'ListTagsInput.MaxResults': { min: 50 },
  'Tag.Key': { min: 1, max: 128 },
  'Tag.Value': { max: 256 },
};
