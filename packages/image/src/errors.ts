/**
 * Something the caller can put right: what was named, what was found, what would be right. Shown without a stack by
 * whoever knows errors of this name.
 */
export class ImageError extends Error {
  override readonly name = 'UserError';
}

/** What a registry answered when it refused. */
export class RegistryError extends ImageError {
  readonly status: number;
  /** The registry's own code, e.g. MANIFEST_UNKNOWN; '' where it gave none. */
  readonly code: string;

  constructor(message: string, status: number, code: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
