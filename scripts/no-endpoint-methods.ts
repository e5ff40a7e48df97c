/*
 * Stands in for @octokit/plugin-rest-endpoint-methods in the build: a method for each of GitHub's thousand routes, 87 kB of them.
 * The actions call routes by their own names, `request('GET /repos/{owner}/{repo}/…')`.
 */
export const restEndpointMethods = () => ({});
