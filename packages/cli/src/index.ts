export { startAwsProcess, type AwsProcess } from './local/aws-process.ts';
export { prepareAccount, type Account } from './local/account.ts';
export type { Facts } from './report/facts.ts';
