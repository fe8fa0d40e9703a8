import type { RestoreSettingsInput } from '../../contract/restore.ts';
import { api } from '../api/api.ts';
import { m } from '../paraglide/messages.js';
import { navigation } from './navigation.svelte.ts';
import { attempt, succeeds, toasts } from './toasts.svelte.ts';
import { undo } from './undo.svelte.ts';

/** What a person does with chosen photos. Each says what came of it; a failure is shown and answered with false. */

/** Toasts that offer to take photos from the bin. */
const wayBack: number[] = [];

export async function moveToBin(ids: readonly number[]): Promise<boolean> {
  const done = await succeeds(() => api.call('photos.bin', { ids: [...ids] }));
  if (!done) return false;
  const action = { label: () => m.common_undo(), run: () => takeFromBin(ids) };
  wayBack.push(toasts.show({ text: () => m.library_binned({ count: ids.length }), action }));
  return true;
}

export async function takeFromBin(ids: readonly number[]): Promise<boolean> {
  const done = await succeeds(() => api.call('photos.restoreFromBin', { ids: [...ids] }));
  if (done) toasts.show({ text: () => m.library_unbinned({ count: ids.length }) });
  return done;
}

export async function emptyBin(): Promise<void> {
  const answer = await attempt(() => api.call('bin.empty', {}));
  if (!answer) return;
  // What is gone cannot be taken back.
  for (const id of wayBack.splice(0)) toasts.dismiss(id);
  undo.withdraw();
  toasts.show({ text: () => m.library_bin_emptied({ count: answer.removed }) });
}

/** Each a quarter turn further from where it stands, clockwise (90) or back (270). */
export function turn(ids: readonly number[], by: 90 | 270): Promise<boolean> {
  return succeeds(() => api.call('photos.rotate', { ids: [...ids], by }));
}

export function setDate(ids: readonly number[], takenAt: string | null): Promise<boolean> {
  return succeeds(() => api.call('photos.setDate', { ids: [...ids], takenAt }));
}

export async function addToAlbum(id: number, name: string, ids: readonly number[]): Promise<boolean> {
  const done = await succeeds(() => api.call('albums.addPhotos', { id, photoIds: [...ids] }));
  if (done) toasts.show({ text: () => m.library_added_to_album({ count: ids.length, name }) });
  return done;
}

export function takeFromAlbum(id: number, ids: readonly number[]): Promise<boolean> {
  return succeeds(() => api.call('albums.removePhotos', { id, photoIds: [...ids] }));
}

export async function createAlbum(name: string, ids: readonly number[]): Promise<boolean> {
  const done = await succeeds(() => api.call('albums.create', { name, photoIds: [...ids] }));
  if (done && ids.length > 0)
    toasts.show({ text: () => m.library_added_to_album({ count: ids.length, name }) });
  return done;
}

export async function restorePhotos(
  ids: readonly number[],
  settings: RestoreSettingsInput,
): Promise<boolean> {
  const batch = await attempt(() => api.call('restore.enqueue', { photoIds: [...ids], settings }));
  if (batch)
    toasts.show({
      kind: 'success',
      text: () => m.library_enqueued({ count: batch.jobs }),
      action: { label: () => m.library_show_queue(), run: () => navigation.go({ name: 'queue' }) },
    });
  return batch !== undefined;
}
