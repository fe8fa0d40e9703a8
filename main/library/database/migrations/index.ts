import { library } from './001-library.ts';
import { jobs } from './002-jobs.ts';
import { watchedFolders } from './003-watched-folders.ts';
import { search } from './004-search.ts';
import { clearedJobs } from './005-cleared-jobs.ts';
import { changedOriginals } from './006-changed-originals.ts';
import { pausedQueue } from './007-paused-queue.ts';
import { movedFaces } from './008-moved-faces.ts';
import { foldedWords } from './009-folded-words.ts';
import { exportedFiles } from './010-exported-files.ts';
import { facesOfJobs } from './011-faces-of-jobs.ts';

/** SQL of each migration, where `fold_letters` is known; the first one makes version 1. A released migration never changes. */
export const MIGRATIONS: readonly string[] = [
  library,
  jobs,
  watchedFolders,
  search,
  clearedJobs,
  changedOriginals,
  pausedQueue,
  movedFaces,
  foldedWords,
  exportedFiles,
  facesOfJobs,
];
