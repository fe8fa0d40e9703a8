import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Rectangle } from 'electron';
import { z } from 'zod';

/** Pixels of the screen's own measure; the bounds are those of the window before it was maximised. */
const windowStateSchema = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1).max(20_000),
  height: z.int().min(1).max(20_000),
  maximised: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

/** As much of a window as a person needs to see to take hold of it. */
const LEAST_VISIBLE = { width: 120, height: 60 };

/** Null where nothing readable was saved. */
export function readWindowState(path: string): WindowState | null {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** A place on the screen is not worth an error: what cannot be written is forgotten. */
export function writeWindowState(path: string, state: WindowState): void {
  try {
    writeFileSync(`${path}.tmp`, JSON.stringify(state));
    renameSync(`${path}.tmp`, path);
  } catch {
    return;
  }
}

/** True where one of the screens that are there now shows enough of the window, its upper edge included. */
export function isReachable(window: Rectangle, workAreas: readonly Rectangle[]): boolean {
  return workAreas.some((area) => {
    const width = overlap(window.x, window.width, area.x, area.width);
    const height = overlap(window.y, window.height, area.y, area.height);
    const upperEdge = window.y >= area.y && window.y < area.y + area.height;
    return upperEdge && width >= LEAST_VISIBLE.width && height >= LEAST_VISIBLE.height;
  });
}

function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart);
}
