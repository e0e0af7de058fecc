/** @file What an error of ONNX Runtime means: it says so in its text only. */
import { AppError } from '../../core/base/app-error.ts';

/** A failed allocation, or null. */
export function memoryError(cause: unknown): AppError | null {
  if (
    !/bad_alloc|bad allocation|failed to allocate|out of memory|array buffer allocation/i.test(textOf(cause))
  )
    return null;
  return new AppError('memory-exhausted', { what: 'This step' }, { cause });
}

/** The first line as a sentence, without the place in ONNX Runtime's sources that it may begin with. */
export function plainReason(cause: unknown): string {
  const line = (textOf(cause).trim().split('\n')[0] ?? '').replace(
    /^\S*onnxruntime\S*:\d+ .*? was (false|true)\. /,
    '',
  );
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
