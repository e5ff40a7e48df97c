/** What a member must be, beyond its type. `min` and `max` are lengths of strings and lists, values of numbers. */
export type Constraint = { pattern?: string; min?: number; max?: number; enum?: readonly string[] };

/** By the structure's name and the member's: `{ 'CreateModelInput.ModelName': { max: 63, pattern: '…' } }`. */
export type Constraints = Readonly<Record<string, Constraint>>;
