import type { ErrorCode } from '../../contract/errors.ts';

/** A call that the application answered with an error, or that could not reach it (`connection/lost`). */
export class ApiError extends Error {
  readonly code: ErrorCode | 'connection/lost';
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: ApiError['code'], message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.details = details;
  }
}

/** Asked for, and no failure. */
export function isCancelled(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'job/cancelled';
}
