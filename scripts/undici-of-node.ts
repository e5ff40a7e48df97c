/*
 * Stands in for the undici package in the build. Node has the same fetch inside, and the toolkit uses no more than
 * these two names of it; the package would be a quarter of what every job downloads. Behind a proxy, Node's own
 * NODE_USE_ENV_PROXY=1 serves this fetch and AWS's clients alike, so a second way for GitHub alone is not kept.
 */
export const fetch = globalThis.fetch;

export function ProxyAgent(): never {
  throw new Error(
    'a proxy is set for GitHub: set NODE_USE_ENV_PROXY=1, which Node itself obeys for GitHub and AWS, and unset it for this action',
  );
}
