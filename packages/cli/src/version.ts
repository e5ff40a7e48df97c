import lerna from '../../../lerna.json' with { type: 'json' };

export const version: string = lerna.version;
