/*
 * Stands in for the SDK's credentials of people who sign in with a browser (`aws sso login`, `aws login`), three AWS clients of
 * their own. A job has nobody to sign in; every other source of credentials is kept.
 */
function refuse(): () => Promise<never> {
  return () =>
    Promise.reject(
      new Error(
        'this AWS profile is one of a person who signs in with a browser: give role-to-assume, or keys in the environment',
      ),
    );
}

export const fromSSO = refuse;
export const fromLoginCredentials = refuse;
