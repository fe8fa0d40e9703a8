import { facesWithOwn } from '../../contract/own-settings.ts';
import type { Face, Version } from '../../contract/library.ts';

/** A face that a version restored by settings of its own. */
export interface OwnFace {
  /** In the recipe. */
  index: number;
  /** As the photo numbers it now; null: the face is gone. */
  number: number | null;
}

export function ownFacesOf({ recipe, faces: results }: Version, faces: readonly Face[]): OwnFace[] {
  return facesWithOwn(recipe.settings).map((index) => {
    const now = faces.find(({ id }) => id === results[index]?.faceId);
    return { index, number: now?.number ?? null };
  });
}
