import { expect, test } from '@jest/globals';
import { readRecipe } from './recipe.ts';

// As in Docker, variables of one ENV are not known within it: HOME_PAGE is what MODE was before.
test('a Dockerfile that copies and configures is a recipe', () => {
  const text = `# a server
ARG VERSION=3.12
FROM python:\${VERSION}-slim AS server
ENV MODE=fast LEVEL="very high" \\
    # in the middle
    HOME_PAGE=\${MODE}/x
LABEL team=flights
WORKDIR /opt
WORKDIR app
COPY requirements.txt .
COPY model/ /opt/ml/model/
COPY ["a file.txt", "b.txt"]
COPY one.py two.py ./
ADD serve.sh /usr/local/bin/serve
EXPOSE 8080 9000/tcp
USER 1000
ENTRYPOINT ["python", "$MODE"]
CMD serve --all
`;
  expect(readRecipe(text)).toEqual({
    base: 'python:3.12-slim',
    copies: [
      { sources: ['requirements.txt'], destination: '/opt/app', isFolder: true },
      { sources: ['model/'], destination: '/opt/ml/model', isFolder: true },
      { sources: ['a file.txt'], destination: '/opt/app/b.txt', isFolder: false },
      { sources: ['one.py', 'two.py'], destination: '/opt/app', isFolder: true },
      { sources: ['serve.sh'], destination: '/usr/local/bin/serve', isFolder: false },
    ],
    edits: {
      environment: { MODE: 'fast', LEVEL: 'very high', HOME_PAGE: '/x' },
      labels: { team: 'flights' },
      ports: [8080, 9000],
      workingDirectory: '/opt/app',
      entrypoint: ['python', '$MODE'],
      command: ['/bin/sh', '-c', 'serve --all'],
      user: '1000',
    },
  });
});

test.each([
  ['FROM a\nRUN pip install x', 'line 2: RUN'],
  ['FROM a AS b\nFROM c', 'line 2: a second FROM'],
  ['FROM --platform=linux/arm64 a', 'line 1: FROM --platform=linux/arm64'],
  ['FROM a\nCOPY --from=b /x /y', 'line 2: COPY --from=b'],
  ['FROM a\nCOPY *.py /x/', 'line 2: COPY *.py'],
  ['FROM a\nADD https://example.com/x /x', 'line 2: ADD https://example.com/x'],
  ['FROM a\nADD model.tar.gz /x', 'line 2: ADD model.tar.gz'],
  ['FROM a\nHEALTHCHECK NONE', 'line 2: HEALTHCHECK'],
  ['FROM scratch', 'line 1: FROM scratch'],
  ['# syntax=docker/dockerfile:1\nFROM a', 'a parser directive or here-document'],
  ['FROM a\nCOPY <<EOF /x\nhello\nEOF', 'a parser directive or here-document'],
  ['# nothing', 'there is no FROM'],
])('%j needs a builder', (text, needsBuilder) => {
  expect(readRecipe(text)).toEqual({ needsBuilder });
});
