import type { Json } from '../expressions/values.ts';
import { time, type Host } from '../host.ts';

export type Deployment = {
  id: number;
  repository: string;
  sha: string;
  ref: string;
  task: string;
  payload: Json;
  environment: string;
  description: string | null;
  creator: string;
  transient: boolean;
  production: boolean;
  createdAt: string;
};

export type DeploymentStatus = {
  id: number;
  deployment: number;
  state: string;
  environment: string;
  description: string;
  environmentUrl: string;
  logUrl: string;
  creator: string;
  createdAt: string;
};

export const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

const deployments = (host: Host) => host.store.table<Deployment>('deployments');
const statuses = (host: Host) => host.store.table<DeploymentStatus>('deployment-statuses');

export const findDeployment = (host: Host, id: number): Deployment | undefined => deployments(host).get(id);

/** Newest first. */
export const deploymentsOf = (host: Host, repository: string): Deployment[] =>
  deployments(host)
    .all()
    .filter((deployment) => deployment.repository === repository)
    .toReversed();

/** Newest first. */
export const statusesOf = (host: Host, deployment: number): DeploymentStatus[] =>
  statuses(host)
    .all()
    .filter((status) => status.deployment === deployment)
    .toReversed();

export const removeDeployment = (host: Host, id: number): void => deployments(host).delete(id);

export function createDeployment(host: Host, given: Omit<Deployment, 'id' | 'createdAt'>): Deployment {
  const id = host.store.nextId('deployment');
  return deployments(host).put(id, { ...given, id, createdAt: time(host) });
}

export type StatusGiven = Pick<DeploymentStatus, 'state' | 'creator'> &
  Partial<DeploymentStatus> & { autoInactive?: boolean };

/**
 * Adds a status. `success` makes the earlier successful deployments to the same environment inactive, but by GitHub's
 * own rule never those to a production or transient environment.
 */
export function addStatus(host: Host, deployment: Deployment, given: StatusGiven): DeploymentStatus {
  const { autoInactive = true, ...said } = given;
  const id = host.store.nextId('deployment-status');
  const status: DeploymentStatus = {
    environment: deployment.environment,
    description: '',
    environmentUrl: '',
    logUrl: '',
    ...said,
    id,
    deployment: deployment.id,
    createdAt: time(host),
  };
  statuses(host).put(id, status);
  if (status.state === 'success' && autoInactive) retireEarlier(host, deployment, status);
  return status;
}

function retireEarlier(host: Host, deployment: Deployment, { environment, creator }: DeploymentStatus): void {
  for (const earlier of deploymentsOf(host, deployment.repository)) {
    if (earlier.id >= deployment.id || earlier.environment !== environment) continue;
    if (earlier.transient || earlier.production) continue;
    if (statusesOf(host, earlier.id)[0]?.state === 'success')
      addStatus(host, earlier, { state: 'inactive', creator, autoInactive: false });
  }
}
