/**
 * @file Graph building: one function per operator, and the compositions everybody needs. Steps that do nothing (adding 0, transposing
 * twice, …) are folded, so that gradient rules can be written as in a textbook and still give tidy graphs.
 */
export { constant, constantNumber, int64Constant, isFilledWith, scalar } from './build/constants.ts';
export * from './build/elementwise.ts';
export * from './build/movement.ts';
export * from './build/reduction.ts';
export * from './build/macro.ts';
export * from './build/compose.ts';
