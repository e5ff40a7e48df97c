/** Why an endpoint cannot be what was asked for; the text becomes its `FailureReason`. */
export class HostingFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HostingFailure';
  }
}

export const failedPing = (variant: string): HostingFailure =>
  new HostingFailure(
    `The primary container for production variant ${variant} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`,
  );

export const noCapacity = (): HostingFailure =>
  new HostingFailure(
    'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a different ML instance type or after some time.',
  );

export const timedOut = (): HostingFailure =>
  new HostingFailure(
    'The deployment did not finish within MaximumExecutionTimeoutInSeconds and was rolled back.',
  );
