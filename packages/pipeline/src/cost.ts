/** When the list below was entered. Prices change seldom and a stale one is still a good estimate, so it says its age. */
export const pricesAsOf = '2025-06';

/**
 * US dollars an hour of SageMaker's instances in us-east-1, on demand; training, processing and hosting cost the same for these.
 * From AWS's public price list (aws.amazon.com/sagemaker/pricing).
 */
const USD_PER_HOUR: Record<string, number> = {
  'ml.t2.medium': 0.056,
  'ml.t3.medium': 0.05,
  'ml.t3.large': 0.1,
  'ml.t3.xlarge': 0.2,
  'ml.t3.2xlarge': 0.399,
  'ml.m5.large': 0.115,
  'ml.m5.xlarge': 0.23,
  'ml.m5.2xlarge': 0.461,
  'ml.m5.4xlarge': 0.922,
  'ml.m5.12xlarge': 2.765,
  'ml.m5.24xlarge': 5.53,
  'ml.c5.large': 0.102,
  'ml.c5.xlarge': 0.204,
  'ml.c5.2xlarge': 0.408,
  'ml.c5.4xlarge': 0.816,
  'ml.c5.9xlarge': 1.836,
  'ml.c5.18xlarge': 3.672,
  'ml.r5.large': 0.151,
  'ml.r5.xlarge': 0.302,
  'ml.r5.2xlarge': 0.605,
  'ml.r5.4xlarge': 1.21,
  'ml.g4dn.xlarge': 0.736,
  'ml.g4dn.2xlarge': 0.94,
  'ml.g4dn.4xlarge': 1.505,
  'ml.g4dn.8xlarge': 2.72,
  'ml.g4dn.12xlarge': 4.89,
  'ml.g4dn.16xlarge': 5.44,
  'ml.g5.xlarge': 1.408,
  'ml.g5.2xlarge': 1.515,
  'ml.g5.4xlarge': 2.03,
  'ml.g5.8xlarge': 3.06,
  'ml.g5.12xlarge': 7.09,
  'ml.g5.16xlarge': 5.12,
  'ml.g5.24xlarge': 10.18,
  'ml.g5.48xlarge': 20.36,
  'ml.p3.2xlarge': 3.825,
  'ml.p3.8xlarge': 14.688,
  'ml.p3.16xlarge': 28.152,
};

const HOURS_PER_MONTH = 730;

/** What a job cost; null for an instance type that is not in the table, which is said and never counted as nothing. */
export function jobCostUsd(job: {
  instanceType: string;
  instanceCount: number;
  seconds: number;
}): number | null {
  const hourly = USD_PER_HOUR[job.instanceType];
  return hourly === undefined ? null : round((hourly * job.instanceCount * job.seconds) / 3600);
}

/** What instances that stay cost a month of 730 hours; null where the price is not known. */
export function monthlyCostUsd(fleet: { instanceType: string; instanceCount: number }): number | null {
  const hourly = USD_PER_HOUR[fleet.instanceType];
  return hourly === undefined ? null : round(hourly * fleet.instanceCount * HOURS_PER_MONTH);
}

/** `$0.04`, `$1,028`, or why there is no number. */
export function formatUsd(amount: number | null): string {
  if (amount === null) return 'price not known';
  const digits = amount < 100 ? 2 : 0;
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** To a hundredth of a cent: a job of seconds is not free. */
function round(usd: number): number {
  return Math.round(usd * 10_000) / 10_000;
}
