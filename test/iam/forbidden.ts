import { alarmArn, allow, keyArn, objectAction, repositoryArn, type Permission } from './permissions.ts';
import { names, type Role } from './policies.ts';

const { ACCOUNT, ARTIFACT_BUCKET, MODEL, REGION } = names;
const hex = '0123456789ab';
const sagemaker = (action: string, resource: string, context: Record<string, string> = {}) =>
  allow(`sagemaker:${action}`, `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${resource}`, context);
const put = (key: string) => objectAction('PutObject', `s3://${ARTIFACT_BUCKET}/${key}`);
const get = (key: string) => objectAction('GetObject', `s3://${ARTIFACT_BUCKET}/${key}`);
const pass = (role: string, service = 'sagemaker.amazonaws.com') =>
  allow('iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/${role}`, { 'iam:PassedToService': service });

const anotherKey = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-0000-0000-000000000000`;

/** A signature that a role asks for; by default the very one that a build asks for. */
const signing = ({ key = keyArn(), by = 'ECDSA_SHA_256', of = 'DIGEST' } = {}) =>
  allow('kms:Sign', key, { 'kms:SigningAlgorithm': by, 'kms:MessageType': of });

/** Nobody but a person may. */
const forEveryRole = (): Permission[] => [
  sagemaker('DeleteEndpoint', `endpoint/${MODEL}`),
  sagemaker('DeleteEndpointConfig', `endpoint-config/${MODEL}-${hex}`),
  sagemaker('DeleteModel', `model/${MODEL}-${hex}`),
  sagemaker('DeleteModelPackage', `model-package/${MODEL}/1`),
  allow('s3:DeleteObject', `arn:aws:s3:::${ARTIFACT_BUCKET}/${MODEL}/training/a/output/model.tar.gz`),
  allow('s3:CreateBucket', 'arn:aws:s3:::elsewhere'),
  allow('s3:PutBucketPolicy', `arn:aws:s3:::${ARTIFACT_BUCKET}`),
  allow('ecr:BatchDeleteImage', repositoryArn(MODEL)),
  allow('ecr:CreateRepository', repositoryArn('elsewhere')),
  allow('iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/${MODEL}-sagemaker`),
  allow('sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/${MODEL}-ship`),
  // The key is a person's to make, to name and to end.
  ...['CreateAlias', 'UpdateAlias', 'DisableKey', 'PutKeyPolicy', 'ScheduleKeyDeletion', 'CreateGrant'].map(
    (action) => allow(`kms:${action}`, keyArn()),
  ),
  signing({ key: anotherKey }),
  pass('admin'),
  pass(`${MODEL}-ship`),
  pass(`${MODEL}-sagemaker`, 'lambda.amazonaws.com'),
  // A model whose name begins with this one's.
  sagemaker('UpdateEndpoint', `endpoint/${MODEL}-of-another-coast`),
  sagemaker('CreateTrainingJob', `training-job/${MODEL}-of-another-coast-${hex}`),
  sagemaker('StopTrainingJob', `training-job/${MODEL}-2-${hex}`),
  put(`${MODEL}-of-another-coast/source/a.tar.gz`),
  get(`${MODEL}-of-another-coast/source/a.tar.gz`),
  // A bucket of the right name in somebody else's account.
  allow('s3:PutObject', `arn:aws:s3:::${ARTIFACT_BUCKET}/${MODEL}/source/a.tar.gz`, {
    's3:ResourceAccount': '999999999999',
  }),
];

/** The gate only asks: whatever a pull request does with it, production stays as it is. */
const forTheGate = (): Permission[] => [
  sagemaker('CreateEndpoint', `endpoint/${MODEL}`),
  sagemaker('UpdateEndpoint', `endpoint/${MODEL}`),
  sagemaker('UpdateEndpointWeightsAndCapacities', `endpoint/${MODEL}`),
  sagemaker('InvokeEndpoint', `endpoint/${MODEL}`),
  sagemaker('CreateEndpointConfig', `endpoint-config/${MODEL}-${hex}`),
  sagemaker('CreateModel', `model/${MODEL}-${hex}`),
  sagemaker('CreateModelPackageGroup', `model-package-group/${MODEL}`),
  sagemaker('CreateModelPackage', `model-package/${MODEL}/1`),
  sagemaker('UpdateModelPackage', `model-package/${MODEL}/1`),
  // Tags of what exists already are evidence: who started a job, which version is live.
  sagemaker('AddTags', `training-job/${MODEL}-${hex}`),
  sagemaker('AddTags', `endpoint/${MODEL}`, { 'sagemaker:TaggingAction': 'CreateEndpoint' }),
  allow('ecr:PutImage', repositoryArn(MODEL)),
  allow('ecr:GetAuthorizationToken', '*'),
  signing(),
  allow('cloudwatch:PutMetricAlarm', alarmArn(`${MODEL}-5xx`)),
  allow('cloudwatch:DisableAlarmActions', alarmArn(`${MODEL}-5xx`)),
  allow('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'Tidegate/Drift' }),
  put(`${MODEL}/training/${MODEL}-${hex}/output/model.tar.gz`),
  put(`${MODEL}/monitor/${MODEL}/baseline-of/${MODEL}-${hex}.json`),
  // Captured traffic is what customers sent.
  get(`${MODEL}/capture/${MODEL}/primary/2026/01/01/00/a.jsonl`),
];

/** What ships does not make models by hand: their archives and the captured traffic are SageMaker's to write. */
const forShip = (): Permission[] => [
  put(`${MODEL}/training/${MODEL}-${hex}/output/model.tar.gz`),
  put(`${MODEL}/capture/${MODEL}/primary/2026/01/01/00/a.jsonl`),
  put(`${MODEL}/evaluation/${MODEL}-eval-${hex}/predictions.csv`),
  get(`${MODEL}/capture/${MODEL}/primary/2026/01/01/00/a.jsonl`),
  sagemaker('AddTags', `endpoint/${MODEL}`),
  allow('ecr:SetRepositoryPolicy', repositoryArn(MODEL)),
  // The one call that a build makes, and no other.
  signing({ of: 'RAW' }),
  signing({ by: 'ECDSA_SHA_384' }),
  allow('ecr:PutImageTagMutability', repositoryArn(MODEL)),
  allow('cloudwatch:PutMetricAlarm', alarmArn('billing')),
  allow('cloudwatch:DeleteAlarms', alarmArn(`${MODEL}-5xx`)),
  allow('cloudwatch:SetAlarmState', alarmArn(`${MODEL}-5xx`)),
  allow('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'AWS/SageMaker' }),
];

/** Code of a branch runs as this role: it must not reach what judges it, nor what serves. */
const forTheServiceRole = (): Permission[] => [
  sagemaker('CreateTrainingJob', `training-job/${MODEL}-${hex}`),
  sagemaker('UpdateEndpoint', `endpoint/${MODEL}`),
  sagemaker('CreateModelPackage', `model-package/${MODEL}/1`),
  pass(`${MODEL}-sagemaker`),
  allow('ecr:PutImage', repositoryArn(MODEL)),
  signing(),
  allow('s3:PutObject', `arn:aws:s3:::${names.DATA_BUCKET}/holdout.csv`, { 's3:ResourceAccount': ACCOUNT }),
  put(`${MODEL}/source/a.tar.gz`),
  put(`${MODEL}/evaluation-code/a/run_evaluation.py`),
  put(`${MODEL}/data/a.manifest`),
  put(`${MODEL}/monitor/${MODEL}/baseline-of/${MODEL}-${hex}.json`),
  put(`${MODEL}/monitor/${MODEL}/windows/${MODEL}-${hex}/a.json`),
  put(`${MODEL}/monitor/${MODEL}/checks/${MODEL}-check-${hex}/drift.json`),
  put(`${MODEL}/monitor/profiles/${MODEL}-baseline-${hex}.profile.gz`),
  put(`${MODEL}/monitor/baselines/${MODEL}-baseline-${hex}/constraints.json`),
  put(`${MODEL}/monitor/analyser-function/${hex}.zip`),
  allow('cloudwatch:PutMetricAlarm', alarmArn(`${MODEL}-5xx`)),
  allow('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'Tidegate/Drift' }),
];

/** Asked for when the account is prepared: the key has its name from AWS. */
export const forbidden: Record<Role, () => Permission[]> = {
  gate: () => [...forEveryRole(), ...forTheGate()],
  ship: () => [...forEveryRole(), ...forShip()],
  sagemaker: () => [...forEveryRole(), ...forTheServiceRole()],
};
