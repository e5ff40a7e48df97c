import { choice, defineAction, flag, imageUri, list, map, name, s3Uri, text } from '@tidegate/github';

export const contract = defineAction({
  name: 'register-model',
  description:
    'Makes a version of the model in the registry: image, archive, evidence and where they come from, once for the same content.',
  inputs: {
    model: name({
      description: 'The model’s name, and its package group’s.',
      required: true,
      manifest: 'model',
    }),
    description: text({ description: 'Of the group and the version.', default: 'Made by Tidegate.' }),
    'image-uri': imageUri({
      description: 'The image that serves it; a tag is replaced by the digest it has now.',
      required: true,
    }),
    'training-job-name': name({ description: 'The job that made the model.' }),
    'model-artifacts-uri': s3Uri({ description: 'The model’s archive; otherwise that of the training job.' }),
    'evaluation-report': text({
      description: 'The report-path of evaluate-gate; its verdict must be pass, and about this archive.',
    }),
    'allow-unevaluated': flag({ description: 'Register what no gate has passed.', default: 'false' }),
    'approval-status': choice(['Approved', 'PendingManualApproval'], {
      description: 'Whether the version may be deployed at once, or waits for a person.',
      default: 'Approved',
    }),
    environment: map({ description: 'Set for the serving container.' }),
    'content-types': list({ description: 'What requests may be.', default: 'application/json,text/csv' }),
    'response-types': list({ description: 'What answers may be.', default: 'application/json' }),
    'inference-instances': list({ description: 'Machines it may be served on; otherwise any.' }),
    'baseline-statistics-uri': s3Uri({ description: 'Statistics that production is compared with.' }),
    'baseline-constraints-uri': s3Uri({ description: 'Constraints that production is held to.' }),
    properties: map({ description: 'Your own metadata, beside the lineage.' }),
    tags: map({ description: 'Put on the group when it is made.' }),
  },
  outputs: {
    'model-package-arn': 'The version, by its exact ARN.',
    'model-package-group-name': 'Its group.',
    'model-package-version': 'Its number.',
    'approval-status': 'What it is now; what a person rejected stays rejected.',
    'image-uri': 'The image, by digest.',
  },
  check: (inputs) => [
    ...(inputs.trainingJobName === undefined && inputs.modelArtifactsUri === undefined
      ? [
          [
            'training-job-name',
            'is missing, and so is model-artifacts-uri: there is nothing to register',
          ] as const,
        ]
      : []),
    ...(inputs.evaluationReport === undefined && !inputs.allowUnevaluated
      ? [
          [
            'evaluation-report',
            'is missing: give the report-path of evaluate-gate, or allow-unevaluated',
          ] as const,
        ]
      : []),
  ],
});
