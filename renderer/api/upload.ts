import { UPLOAD_LIMIT_BYTES, UPLOAD_PATH } from '../../contract/browser-mode.ts';
import { ApiError } from './api-error.ts';

/** 32 hex digits under which the files of one import are uploaded. */
export function newUpload(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: { code?: ApiError['code']; message?: string } } | null)?.error;
  return new ApiError(error?.code ?? 'internal', error?.message ?? `Upload refused with ${response.status}`);
}

/** Browser mode: sends one file of an upload. Throws an `ApiError`. */
export async function uploadFile(upload: string, file: File, signal?: AbortSignal): Promise<void> {
  if (file.size > UPLOAD_LIMIT_BYTES)
    throw new ApiError(
      'input/too-large',
      `${file.name} has ${file.size} bytes; at most ${UPLOAD_LIMIT_BYTES} can be dropped`,
    );
  const address = `${UPLOAD_PATH}${upload}/${encodeURIComponent(file.name)}`;
  const response = await fetch(address, { method: 'POST', body: file, ...(signal ? { signal } : {}) }).catch(
    (cause: unknown) => {
      if (signal?.aborted) throw cause;
      throw new ApiError('connection/lost', `The connection was lost while ${file.name} was sent`);
    },
  );
  if (!response.ok) throw await refusal(response);
}
