import { flag, list, text } from '@tidegate/github';

/* Where a job runs, of the actions that start jobs. */

export const networkInputs = {
  subnets: list({ description: 'Subnets of a VPC to run in; needs security-group-ids.' }),
  'security-group-ids': list({ description: 'Security groups in that VPC.' }),
  'enable-network-isolation': flag({ description: 'The container reaches no network.', default: 'false' }),
  'kms-key-id': text({ description: 'Encrypts what the job writes.' }),
};

type NetworkInputs = {
  subnets: string[] | undefined;
  securityGroupIds: string[] | undefined;
  enableNetworkIsolation: boolean;
  kmsKeyId: string | undefined;
};

export function networkProblems({ subnets, securityGroupIds }: NetworkInputs) {
  return (subnets === undefined) === (securityGroupIds === undefined)
    ? []
    : [['subnets', 'and security-group-ids are given together or not at all'] as const];
}

export function networkOf(inputs: NetworkInputs) {
  return {
    subnets: inputs.subnets ?? [],
    securityGroupIds: inputs.securityGroupIds ?? [],
    isolated: inputs.enableNetworkIsolation,
    kmsKeyId: inputs.kmsKeyId ?? null,
  };
}
