import { names, type Role } from './policies.ts';

/**
 * Why a policy gives what the story does not need. Keys: `role Sid action`; of a resource that is idle too, `role Sid resource`.
 * Whatever is in a policy, was not used and is not here fails the test.
 */
export const reasons: Record<string, string> = {
  ...both('Train', {
    'sagemaker:StopTrainingJob': 'a run that is cancelled stops the job that it started',
  }),
  'gate Evaluate sagemaker:StopProcessingJob': 'a run that is cancelled stops the job that it started',
  'gate Evaluate sagemaker:ListTags':
    'a run that finds its job under way asks by its tags whether the job is its own to stop',
  'ship EvaluateAndAnalyse sagemaker:StopProcessingJob':
    'a run that is cancelled stops the job that it started',
  'ship EvaluateAndAnalyse sagemaker:ListTags':
    'a run that finds its job under way asks by its tags whether the job is its own to stop',
  ...both('StoreWhatJobsRead', {
    's3:AbortMultipartUpload': 'a large source folder is sent in parts, which are paid for until called off',
  }),
  'gate SeeTheLiveModel sagemaker:ListModelPackages':
    'evaluate.baseline: main or release looks the version up by its commit',
  'ship PushImages ecr:UploadLayerPart': 'layers beyond one part are sent in several',
  'ship PushImages ecr:GetDownloadUrlForLayer': 'a base image that lies in the same repository is read',
  'ship Register sagemaker:UpdateModelPackage':
    'a version that waits for approval is approved where approve is true',
  'ship ReadEndpointLogs logs:FilterLogEvents':
    'a deployment that fails or is rolled back shows the last lines of its containers',
  [`ship ReadEndpointLogs arn:aws:logs:${names.REGION}:${names.ACCOUNT}:log-group:/aws/sagemaker/Endpoints/${names.MODEL}:*`]:
    'a deployment that fails or is rolled back shows the last lines of its containers',
};

/** Another attempt at work that failed before has its number behind its name. */
export const isLaterAttempt = (resource: string) => /\?{12}-\?{1,2}$/.test(resource);

function both(sid: string, of: Record<string, string>): Record<string, string> {
  const roles: Role[] = ['gate', 'ship'];
  return Object.fromEntries(
    roles.flatMap((role) => Object.entries(of).map(([key, why]) => [`${role} ${sid} ${key}`, why])),
  );
}
