/** Starts `load` at the first call and shares its promise. A rejected load is forgotten, so a later call retries. */
export function shareLoad<T>(load: () => Promise<T>): () => Promise<T> {
  let shared: Promise<T> | undefined;
  return () => {
    shared ??= load().catch((error: unknown) => {
      shared = undefined;
      throw error;
    });
    return shared;
  };
}
