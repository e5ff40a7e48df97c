import type { Json, JsonObject } from '../expressions/values.ts';
import { notFound } from './api-error.ts';
import type { ApiRequest, Reply } from './router.ts';

/** Members of a request's body, of the type that is wanted or not there at all. */
export const text = (body: JsonObject, name: string): string | undefined =>
  typeof body[name] === 'string' ? body[name] : undefined;

export const flag = (body: JsonObject, name: string): boolean | undefined =>
  typeof body[name] === 'boolean' ? body[name] : undefined;

export const map = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};

/** A number in the path; anything else is not found. */
export function id({ params }: ApiRequest, name: string): number {
  const number = Number(params[name]);
  if (!Number.isSafeInteger(number)) throw notFound();
  return number;
}

/** What is there, or GitHub's 404. */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw notFound();
  return value;
}

/** One page of a list, with GitHub's Link header; `wrap` is the member that some lists are put into, beside total_count. */
export function page(request: ApiRequest, items: Json[], wrap?: string): Reply {
  const size = Math.min(100, Math.max(1, Number(request.query.get('per_page') ?? 30) || 30));
  const number = Math.max(1, Number(request.query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const shown = items.slice((number - 1) * size, number * size);
  const link = (to: number, name: string) => {
    const query = new URLSearchParams(request.query);
    query.set('per_page', String(size));
    query.set('page', String(to));
    return `<${request.host.apiUrl}${request.path}?${query.toString()}>; rel="${name}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
    ...(number > 1 ? [link(1, 'first')] : []),
  ];
  const body = wrap === undefined ? shown : { total_count: items.length, [wrap]: shown };
  return { status: 200, body, headers: links.length > 0 ? { link: links.join(', ') } : {} };
}
