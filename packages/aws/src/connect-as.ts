import { connect, type Aws } from './connect.ts';
import { webIdentityCredentials } from './web-identity.ts';

/** A connection as a role that is assumed with OIDC tokens and renewed in time, or with the usual credential chain. */
export function connectAs({
  region,
  roleToAssume,
  sessionName,
  idToken,
}: {
  region: string | undefined;
  roleToAssume: string | undefined;
  sessionName: string;
  idToken: (audience: string) => Promise<string>;
}): Aws {
  const where = region === undefined ? {} : { region };
  if (roleToAssume === undefined) return connect(where);
  const token = () => idToken('sts.amazonaws.com');
  const now = () => aws.time();
  const aws: Aws = connect({
    ...where,
    credentials: webIdentityCredentials({ roleArn: roleToAssume, sessionName, token, now, ...where }),
  });
  return aws;
}
