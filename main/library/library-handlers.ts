import type { ApiHandlers } from '../../contract/api.ts';
import {
  addToAlbum,
  albumById,
  deleteAlbum,
  insertAlbum,
  listAlbums,
  removeFromAlbum,
  renameAlbum,
} from './database/album-rows.ts';
import { deletePerson, listPeople, personById, renamePerson } from './database/people-rows.ts';
import { timelineIds, timelineMonths, timelinePage } from './database/timeline.ts';
import { countOriginals } from './export/export-photos.ts';
import { addFace, changeFace, detectFaces, nameFace, removeFace } from './faces.ts';
import { locatePhoto } from './find-again.ts';
import { keepChanged } from './keep-changed.ts';
import type { Library } from './open-library.ts';
import {
  binPhotos,
  captionPhoto,
  datePhotos,
  emptyBin,
  photoDetail,
  rotatePhotos,
  showVersion,
  unbinPhotos,
} from './photos.ts';
import { removeVersion } from './versions.ts';

type LibraryMethod =
  | `${'undo' | 'timeline' | 'photos' | 'bin' | 'versions' | 'faces' | 'people' | 'albums' | 'folders' | 'settings' | 'export'}.${string}`
  | 'import.start'
  | 'import.list'
  | 'import.control';

/** The calls of the API that the library answers. */
export type LibraryHandlers = Pick<ApiHandlers, Extract<keyof ApiHandlers, LibraryMethod>>;

/** `null` is the answer of calls that only do something. */
async function done(work: unknown): Promise<null> {
  await work;
  return null;
}

export function libraryHandlers(library: Library): LibraryHandlers {
  const { context, imports, exports, searches, folders } = library;
  const { db, settings } = context;
  return {
    'undo.state': () => db.undoState,
    'undo.undo': () => ({ label: db.step('undo') }),
    'undo.redo': () => ({ label: db.step('redo') }),

    'timeline.months': ({ query }) => timelineMonths(db, query),
    'timeline.page': (params) => timelinePage(db, params),
    'timeline.ids': ({ query }) => timelineIds(db, query),

    'photos.get': ({ id }) => photoDetail(context, id),
    'photos.rotate': (params) => done(rotatePhotos(context, params)),
    'photos.setDate': (params) => done(datePhotos(context, params)),
    'photos.setCaption': (params) => done(captionPhoto(context, params)),
    'photos.setCurrentVersion': (params) => done(showVersion(context, params)),
    'photos.bin': (params) => done(binPhotos(context, params)),
    'photos.restoreFromBin': (params) => done(unbinPhotos(context, params)),
    'photos.locate': (params) => done(locatePhoto(context, params)),
    'photos.keepChanged': (params) => done(keepChanged(context, params)),
    'photos.findMissing': (params) => searches.run(params),
    'photos.stopFinding': ({ key }) => done(searches.cancel(key)),
    'bin.empty': () => emptyBin(context),
    'versions.remove': ({ id }) => done(removeVersion(context, id)),

    'faces.detect': ({ photoId }) => detectFaces(context, photoId, 'faces.detect'),
    'faces.add': (params) => addFace(context, params),
    'faces.update': (params) => changeFace(context, params),
    'faces.remove': ({ id }) => done(removeFace(context, id)),
    'faces.name': (params) => nameFace(context, params),
    'people.list': () => listPeople(db),
    'people.rename': ({ id, name }) =>
      personById(
        db,
        db.write('people.rename', () => renamePerson(db, id, name)),
      ),
    'people.remove': ({ id }) => done(db.write('people.remove', () => deletePerson(db, id))),

    'albums.list': () => listAlbums(db),
    'albums.create': ({ name, photoIds }) => {
      const id = db.write('albums.create', () => {
        const album = insertAlbum(db, name);
        addToAlbum(db, album, photoIds);
        return album;
      });
      return albumById(db, id);
    },
    'albums.rename': ({ id, name }) => {
      db.write('albums.rename', () => renameAlbum(db, id, name));
      return albumById(db, id);
    },
    'albums.remove': ({ id }) => done(db.write('albums.remove', () => deleteAlbum(db, id))),
    'albums.addPhotos': ({ id, photoIds }) =>
      done(db.write('albums.addPhotos', () => addToAlbum(db, id, photoIds))),
    'albums.removePhotos': ({ id, photoIds }) =>
      done(db.write('albums.removePhotos', () => removeFromAlbum(db, id, photoIds))),

    'import.start': ({ paths, mode }) => imports.start(paths, mode),
    'import.list': () => imports.list(),
    'import.control': (params) => done(imports.control(params)),
    'folders.list': () => folders.list(),
    'folders.watch': (params) => folders.watch(params),
    'folders.unwatch': ({ id }) => done(folders.unwatch(id)),

    'settings.get': () => settings.get(),
    'settings.set': (changes) => settings.set(changes),
    'export.run': (params) => exports.run(params),
    'export.originals': ({ photoIds }) => countOriginals(context, photoIds),
    'export.cancel': ({ key }) => done(exports.cancel(key)),
  };
}
