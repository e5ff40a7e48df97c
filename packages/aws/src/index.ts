export * from './alarms.ts';
export * from './athena-queries.ts';
export { systemClock, type Clock } from './clock.ts';
export {
  connect,
  type Aws,
  type ConnectOptions,
  type Credentials,
  type CredentialSource,
} from './connect.ts';
export { connectAs } from './connect-as.ts';
export * from './endpoint-configs.ts';
export { endpointLogTail } from './endpoint-logs.ts';
export * from './endpoints.ts';
export { eventRules, type ApiDestinationRule } from './event-rules.ts';
export { isOutOfCapacity } from './errors.ts';
export { functionExists, invokeFunction, type FunctionAnswer } from './functions.ts';
export { identity, type Caller } from './identity.ts';
export { isGpu, trainingImage } from './image-families.ts';
export { instanceFacts, type InstanceFacts } from './instance-types.ts';
export * from './invocations.ts';
export { jobLogGroups, logs, type LogFollower } from './logs.ts';
export * from './metrics.ts';
export { modelPackages, type ModelPackage, type ModelPackageSpec } from './model-packages.ts';
export { models, type Model, type ModelSpec } from './models.ts';
export { openNetwork, type JobNetwork } from './network.ts';
export { objectRanges, objectStream } from './object-bytes.ts';
export { objects, type StoredObject } from './objects.ts';
export { processingJobs, type ProcessingJob, type ProcessingJobSpec } from './processing-jobs.ts';
export { parseEcrHost, registries, type ImageDetail, type RegistryAccess } from './registries.ts';
export * from './rollout.ts';
export { formatS3Uri, joinS3Uri, parseS3Uri, type S3Location } from './s3-uri.ts';
export { signingKeys, type SigningKey } from './signing-keys.ts';
export { tags } from './tags.ts';
export { trainingJobs, type TrainingJob, type TrainingJobSpec, type TrainingState } from './training-jobs.ts';
export type { JobInput } from './job-input.ts';
export { pollIntervalMs, TimedOut, until } from './until.ts';
export type { UploadSource } from './upload.ts';
export { UserError } from './user-error.ts';
export { webIdentityCredentials, type WebIdentity } from './web-identity.ts';
