import { TILE_SIZE } from '../../contract/pictures.ts';
import type { Rect, Size } from './viewport-math.ts';

/** One tile of a large picture: its address and its place in pixels of level 0. */
export interface Tile extends Rect {
  level: number;
  column: number;
  row: number;
}

/** Tiles are asked for one ring beyond what is seen, so that a slow pan meets no gap. */
const RING = 1;

/** Number of levels: the last one fits one tile. */
export function levelCount({ width, height }: Size): number {
  return 1 + Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / TILE_SIZE)));
}

/**
 * The coarsest level that still has a pixel for every pixel of the screen.
 * @param scale device pixels a pixel of level 0
 */
export function levelFor(size: Size, scale: number): number {
  const wanted = Math.floor(Math.log2(1 / Math.max(scale, 1e-6)));
  return Math.min(levelCount(size) - 1, Math.max(0, wanted));
}

/** The tiles of a level that meet `seen` (pixels of level 0), those in the middle first. */
export function tilesFor(size: Size, level: number, seen: Rect): Tile[] {
  const side = TILE_SIZE * 2 ** level;
  const columns = range(seen.x, seen.width, size.width, side);
  const rows = range(seen.y, seen.height, size.height, side);
  const tiles = rows.flatMap((row) => columns.map((column) => tileAt(size, level, column, row)));
  const centre = { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
  return tiles.sort((a, b) => distanceTo(a, centre) - distanceTo(b, centre));
}

function range(from: number, length: number, limit: number, side: number): number[] {
  const last = Math.ceil(limit / side) - 1;
  const first = Math.max(0, Math.floor(from / side) - RING);
  const end = Math.min(last, Math.ceil((from + length) / side) - 1 + RING);
  return Array.from({ length: Math.max(0, end - first + 1) }, (_, i) => first + i);
}

function tileAt({ width, height }: Size, level: number, column: number, row: number): Tile {
  const side = TILE_SIZE * 2 ** level;
  const x = column * side;
  const y = row * side;
  return { level, column, row, x, y, width: Math.min(side, width - x), height: Math.min(side, height - y) };
}

function distanceTo(tile: Tile, point: { x: number; y: number }): number {
  return Math.hypot(tile.x + tile.width / 2 - point.x, tile.y + tile.height / 2 - point.y);
}
