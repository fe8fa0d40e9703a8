import {
  API_CALLS,
  type ApiEnvelope,
  type ApiHandlers,
  type ApiMethod,
  type ApiParams,
  type ApiResult,
} from '../contract/api.ts';
import { HeirloomError, toErrorEnvelope } from '../contract/errors.ts';

/** Takes what came over a transport, unknown, and always answers. */
export type ApiCall = (method: unknown, params: unknown) => Promise<ApiEnvelope>;

/** Longest part of a foreign text that a message repeats. */
const QUOTED_LENGTH = 200;

function quote(text: string): string {
  return text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}...` : text;
}

function isMethod(method: unknown): method is ApiMethod {
  return typeof method === 'string' && Object.hasOwn(API_CALLS, method);
}

function parseParams<M extends ApiMethod>(method: M, params: unknown): ApiParams<M> {
  const parsed = API_CALLS[method].params.safeParse(params);
  if (parsed.success) return parsed.data as ApiParams<M>;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') || 'params';
  throw new HeirloomError(
    'api/invalid',
    quote(`${method}: ${where}: ${issue?.message ?? 'not understood'}`),
    {
      path: quote(where),
    },
  );
}

/** `open '/home/anna/x.db'` becomes `open 'x.db'`: what nobody foresaw may name any file of the machine. */
function withoutFolders(message: string): string {
  return message.replaceAll(/(?:[A-Za-z]:)?(?:[\\/][^\\/\s'"`:]+)+[\\/]([^\\/\s'"`:]+)/g, '$1');
}

/** What went wrong, as the interface hears it. */
export function envelopeOf(error: unknown): ApiEnvelope & { ok: false } {
  const { code, message, details = {} } = toErrorEnvelope(error);
  if (code === 'internal') return { ok: false, error: { code, message: withoutFolders(message) } };
  // What a dying process wrote is for its log, and may name any path.
  const { stderr: _, ...kept } = details;
  return { ok: false, error: { code, message, details: kept } };
}

async function dispatch<M extends ApiMethod>(
  handlers: ApiHandlers,
  method: M,
  params: unknown,
): Promise<ApiResult<M>> {
  const handler: ApiHandlers[M] = handlers[method];
  return handler(parseParams(method, params));
}

/**
 * The API over its handlers: validates, runs, answers an envelope whatever happens. `onUnforeseen` hears of errors
 * that carry no code, with their stack.
 *
 * @example
 * const call = createApi(handlers);
 * await call('photos.get', { id: 'x' }); // { ok: false, error: { code: 'api/invalid', message: 'photos.get: id: ...' } }
 */
export function createApi(
  handlers: ApiHandlers,
  onUnforeseen: (error: unknown) => void = console.error,
): ApiCall {
  return async (method, params) => {
    try {
      if (!isMethod(method))
        throw new HeirloomError(
          'api/invalid',
          `No call is named ${quote(typeof method === 'string' ? method : `by a ${typeof method}`)}`,
        );
      return { ok: true, value: await dispatch(handlers, method, params) };
    } catch (error) {
      if (!(error instanceof HeirloomError)) onUnforeseen(error);
      return envelopeOf(error);
    }
  };
}
