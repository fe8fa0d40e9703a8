import type { FaceResult, Version } from '../../contract/library.ts';

/**
 * Words for the distance between the face descriptors of a photo and of its restoration. The limits are measured
 * (`npm run bench -- likeness`; docs/method.md, "The likeness score"): a third of restorations lie below the first,
 * three quarters and one stranger's in a hundred below the second, nineteen of twenty and about one stranger's in eight
 * below the third.
 */
export type LikenessWord = 'close' | 'fair' | 'look' | 'different';

/** From here a stranger's face would do as well once in a hundred times. */
const WARN_FROM = 0.56;

const LIMITS: readonly [number, LikenessWord][] = [
  [0.45, 'close'],
  [WARN_FROM, 'fair'],
  [0.64, 'look'],
];

export function likenessWord(distance: number): LikenessWord {
  return LIMITS.find(([limit]) => distance < limit)?.[1] ?? 'different';
}

/** Whether a person should look twice; not where nothing could be measured. */
export function likenessFell(distance: number | undefined): boolean {
  return distance !== undefined && distance >= WARN_FROM;
}

/** What a version measured of a face. */
export function resultOf(version: Version | null, faceId: number): FaceResult | null {
  return version?.faces.find((face) => face.faceId === faceId) ?? null;
}
