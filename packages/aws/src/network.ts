/** Where a job runs and with whose key; empty lists and null mean SageMaker's own. */
export type JobNetwork = {
  subnets: string[];
  securityGroupIds: string[];
  isolated: boolean;
  kmsKeyId: string | null;
};

export const openNetwork: JobNetwork = { subnets: [], securityGroupIds: [], isolated: false, kmsKeyId: null };

export function vpcConfig(
  network: JobNetwork,
): { Subnets: string[]; SecurityGroupIds: string[] } | undefined {
  if (network.subnets.length === 0) return undefined;
  return { Subnets: network.subnets, SecurityGroupIds: network.securityGroupIds };
}
