import {
  builderId,
  buildType,
  originOf,
  subjectsOf,
  type DocumentKind,
  type Statement,
} from '@tidegate/image';

/** What must be said of an image. */
export type Wanted = {
  digest: string;
  /** The address of the repository that it was built of. */
  repository: string;
  /** What the model package records; undefined where it says nothing of this image. */
  commit: string | undefined;
};

/** What is wrong with what is said of an image, and what would be right; undefined where nothing is. Pure. */
export function statementProblem(kind: DocumentKind, said: Statement, wanted: Wanted): string | undefined {
  const subjects = subjectsOf(said);
  if (!subjects.includes(wanted.digest)) return `is about ${subjects.join(', ')}, not about ${wanted.digest}`;
  return kind === 'sbom' ? undefined : originProblem(said, wanted);
}

function originProblem(said: Statement, { repository, commit }: Wanted): string | undefined {
  const origin = originOf(said);
  const tell = (what: string, found: string, right: string) =>
    `says that its ${what} is ${found || '(nothing)'}, and ${right} is right`;
  if (origin.builder !== builderId) return tell('builder', origin.builder, builderId);
  if (origin.buildType !== buildType) return tell('way of building', origin.buildType, buildType);
  // GitHub's names are the same in any case.
  if (origin.repository.toLowerCase() !== repository.toLowerCase())
    return tell('source', origin.repository, repository);
  if (commit !== undefined && origin.commit !== commit)
    return tell('commit', origin.commit, `${commit}, which the model package records,`);
  return undefined;
}
