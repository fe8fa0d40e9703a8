import type { ApiHandlers } from '../../contract/api.ts';
import type { RestoreQueue } from './restore-queue.ts';

type QueueMethod = Extract<keyof ApiHandlers, `jobs.${string}` | 'restore.enqueue'>;

/** The calls of the API that the queue answers. */
export function queueHandlers(queue: RestoreQueue): Pick<ApiHandlers, QueueMethod> {
  return {
    'restore.enqueue': ({ photoIds, settings }) => queue.enqueue(photoIds, settings),
    'jobs.list': () => queue.list(),
    'jobs.pauseAll': ({ paused }) => {
      queue.pauseAll(paused);
      return null;
    },
    'jobs.control': async ({ ids, action }) => {
      await queue.control(ids, action);
      return null;
    },
    'jobs.move': ({ id, before }) => {
      queue.move(id, before);
      return null;
    },
    'jobs.clearFinished': () => {
      queue.clearFinished();
      return null;
    },
  };
}
