/** Something that goes wrong on purpose: the next `times` requests that fit are answered so instead. */
export type Fault = {
  /** 429 and 403 are answered as a secondary rate limit, 5xx as GitHub's own failure. */
  status: 403 | 429 | 500 | 502 | 503;
  /** Only requests of this method, and to paths that contain this text. */
  method?: string;
  path?: string;
  times?: number;
  retryAfterSeconds?: number;
};

export type Faults = {
  add: (fault: Fault) => void;
  clear: () => void;
  take: (method: string, path: string) => Fault | undefined;
};

export function createFaults(): Faults {
  let faults: (Fault & { left: number })[] = [];
  return {
    add: (fault) => void faults.push({ ...fault, left: fault.times ?? 1 }),
    clear: () => (faults = []),
    take(method, path) {
      const hit = faults.find(
        (fault) => (fault.method ?? method).toUpperCase() === method && path.includes(fault.path ?? ''),
      );
      if (!hit) return undefined;
      hit.left -= 1;
      if (hit.left <= 0) faults = faults.filter((fault) => fault !== hit);
      return hit;
    },
  };
}

const SECONDARY =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.';

export function faultReply({ status, retryAfterSeconds }: Fault) {
  const limited = status === 429 || status === 403;
  const retry: Record<string, string> =
    limited || retryAfterSeconds !== undefined ? { 'retry-after': String(retryAfterSeconds ?? 60) } : {};
  const message = limited ? SECONDARY : 'Server Error';
  return {
    status,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
    headers: retry,
  };
}
