import { m } from '../paraglide/messages.js';

/** The application labels a change with the call that made it. */
const LABELS: Record<string, () => string> = {
  'photos.rotate': () => m.common_did_rotate(),
  'photos.setDate': () => m.common_did_set_date(),
  'photos.setCaption': () => m.common_did_caption(),
  'photos.setCurrentVersion': () => m.common_did_choose_version(),
  'photos.bin': () => m.common_did_bin(),
  'photos.restoreFromBin': () => m.common_did_unbin(),
  'photos.locate': () => m.common_did_locate(),
  'photos.findMissing': () => m.common_did_find_missing(),
  'photos.keepChanged': () => m.common_did_keep_changed(),
  'versions.remove': () => m.common_did_remove_version(),
  'faces.detect': () => m.common_did_detect(),
  'faces.add': () => m.common_did_add_face(),
  'faces.update': () => m.common_did_change_face(),
  'faces.remove': () => m.common_did_remove_face(),
  'faces.name': () => m.common_did_name(),
  'people.rename': () => m.common_did_rename_person(),
  'people.remove': () => m.common_did_remove_person(),
  'albums.create': () => m.common_did_create_album(),
  'albums.rename': () => m.common_did_rename_album(),
  'albums.remove': () => m.common_did_remove_album(),
  'albums.addPhotos': () => m.common_did_add_to_album(),
  'albums.removePhotos': () => m.common_did_take_from_album(),
  'import.start': () => m.common_did_import(),
  'restore.enqueue': () => m.common_did_restore(),
  'folders.watch': () => m.common_did_watch(),
  'folders.unwatch': () => m.common_did_unwatch(),
  'settings.set': () => m.common_did_settings(),
};

/** What would be undone or redone, in the interface's language. */
export function undoLabel(call: string): string {
  return LABELS[call]?.() ?? m.common_did_something();
}
