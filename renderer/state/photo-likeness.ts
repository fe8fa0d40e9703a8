import type { FaceResult, Version } from '../../contract/library.ts';

/**
 * Words for the distance between two face descriptors. 0.6 is the threshold that the descriptor was trained for: two
 * pictures of one person lie below it. A restoration changes nothing but sharpness, so it should lie far below; the
 * two inner limits are ours, a warning from 0.5 because there a sixth of the room to another person is all that is
 * left.
 */
export type LikenessWord = 'same' | 'close' | 'look' | 'different';

export const SAME_PERSON_BELOW = 0.6;
export const WARN_FROM = 0.5;

const LIMITS: readonly [number, LikenessWord][] = [
  [0.35, 'same'],
  [WARN_FROM, 'close'],
  [SAME_PERSON_BELOW, 'look'],
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
