export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{actions,packages,scripts,test}/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/jest.transform.js' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.tidegate/', '<rootDir>/workflows-examples/'],
  // Tests start real servers and subprocesses: a slow shared machine must not fail them.
  testTimeout: 120_000,
};
