import type { JsonObject } from '../expressions/values.ts';

type More = { errors?: JsonObject[]; headers?: Record<string, string> };

/** An answer that is not a success, with GitHub's words. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly more: More;
  constructor(status: number, message: string, more: More = {}) {
    super(message);
    this.status = status;
    this.more = more;
  }
}

export const notFound = (): ApiError => new ApiError(404, 'Not Found');

/** 422, naming the resource, the field and what is wrong with it. */
export const invalid = (resource: string, field: string, code: string, message?: string): ApiError =>
  new ApiError(422, 'Validation Failed', {
    errors: [{ resource, field, code, ...(message === undefined ? {} : { message }) }],
  });
