// Where things lie in the memory that the kernels share with src/kernels/kernels.ts, which writes the tables.

/** Of each tag of Snappy that is a repetition, 2 bytes: its length, bits 8 … 10 of its offset from bit 8 on, and above how many bytes of offset follow. */
export const TAGS: u32 = 256;

/** 5^q for q of FIRST_POWER … LAST_POWER, 16 bytes each: the high and the low half of its leading 128 bits. */
export const POWERS: u32 = 1024;
export const FIRST_POWER: i32 = -64;
export const LAST_POWER: i32 = 64;

/** 10^0 … 10^22 as doubles, all exact. */
export const TENS: u32 = 4096;

/** 10^0 … 10^7 as integers of 32 bits. */
export const WHOLE_TENS: u32 = 4352;

/** Count, sum, correction, squares, min and max of a column, then the least and the largest value since they were last set. */
export const MOMENTS: u32 = 8192;

/** Two tables of counts, used in turn: adding to the same count twice in a row would wait for the first to be written. */
export const COUNTS: u32 = 65536;
export const COUNT_ENTRIES: u32 = 1 << 20;
