/** Above this a picture is refused: its samples alone would take 600 MB. */
export const MAX_PIXELS = 200_000_000;
