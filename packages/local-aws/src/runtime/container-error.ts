/**
 * A container that cannot be started, or an archive that cannot be unpacked, for a reason that is the user's to fix.
 * The text is what a job's `FailureReason` says after `ClientError: `.
 */
export class ContainerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ContainerError';
  }
}
