import type { getOctokit } from '@actions/github';
import { UserError } from './user-error.ts';

type Octokit = ReturnType<typeof getOctokit>;

/** GitHub's REST API for one repository. The client is loaded with the first request. */
export type GithubApi = {
  readonly owner: string;
  readonly repo: string;
  /** `request('GET /repos/{owner}/{repo}/…')`: owner and repo are filled in; throttling and passing faults are retried. */
  request<T>(route: string, parameters?: Record<string, unknown>): Promise<T>;
  /** Every item of every page. */
  list<T>(route: string, parameters?: Record<string, unknown>): Promise<T[]>;
};

export function githubApi(settings: { token: string; apiUrl: string; repository: string }): GithubApi {
  const [owner = '', repo = ''] = settings.repository.split('/');
  let client: Promise<Octokit> | undefined;
  const connect = () => {
    if (settings.token === '') throw new UserError('github-token is empty: give ${{ github.token }}');
    return (client ??= import('@actions/github').then(({ getOctokit }) =>
      getOctokit(settings.token, { baseUrl: settings.apiUrl }),
    ));
  };
  return {
    owner,
    repo,
    async request<T>(route: string, parameters: Record<string, unknown> = {}): Promise<T> {
      const octokit = await connect();
      const response = await retried(route, () => octokit.request(route, { owner, repo, ...parameters }));
      return response.data as T;
    },
    async list<T>(route: string, parameters: Record<string, unknown> = {}): Promise<T[]> {
      const octokit = await connect();
      return await retried(route, () =>
        octokit.paginate<T>(route, { owner, repo, per_page: 100, ...parameters }),
      );
    },
  };
}

type RequestError = Error & { status?: number; response?: { headers: Record<string, string | undefined> } };

/** Waits as GitHub asks (secondary rate limits) or a little (passing faults), at most four times. */
async function retried<T>(route: string, send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const { status, response, message } = error as RequestError;
      const retryAfter = response?.headers['retry-after'];
      const passing =
        status === 429 ||
        (status !== undefined && status >= 500) ||
        (status === 403 && retryAfter !== undefined);
      if (passing && attempt < 5) {
        await new Promise((resolve) =>
          setTimeout(resolve, retryAfter === undefined ? 250 * 2 ** attempt : Number(retryAfter) * 1000),
        );
        continue;
      }
      if (status === 403 && /not accessible/i.test(message)) {
        throw new UserError(`the workflow’s token may not ${route}: ${permissionFor(route)}`, {
          cause: error,
        });
      }
      throw error;
    }
  }
}

function permissionFor(route: string): string {
  const scope = [
    ['/check-runs', 'checks'],
    ['/deployments', 'deployments'],
    ['/comments', 'pull-requests'],
    ['/dispatches', 'contents'],
  ].find(([part]) => route.includes(part!))?.[1];
  return `give the job \`permissions: { ${scope ?? 'contents'}: write }\``;
}
