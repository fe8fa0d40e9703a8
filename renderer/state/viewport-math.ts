import type { Turn } from '../../contract/library.ts';

/**
 * [Note: Picture, frame, stage] *Picture* units are pixels of the oriented original, unturned. The *frame* is the
 * picture after the person's turn. The *stage* is the screen area in CSS pixels. A view maps frame to stage:
 * `stage = offset + scale * frame`. A version, whatever its own size, is drawn into the original's frame.
 */
export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Point, Size {}

export interface View {
  /** CSS pixels a picture unit. */
  scale: number;
  /** Of the frame's top left, in CSS pixels of the stage. */
  x: number;
  y: number;
}

/** Beyond 1:1, so many CSS pixels a picture unit at the most. */
const MAX_SCALE = 16;
/** A picture never gets smaller than this part of its fitted size. */
const MIN_OF_FIT = 0.5;

export function turnedSize({ width, height }: Size, turn: Turn): Size {
  return turn === 90 || turn === 270 ? { width: height, height: width } : { width, height };
}

/** The view that shows the whole frame, centred; small pictures are enlarged to twice their size at most. */
export function fitView(frame: Size, stage: Size, margin = 0): View {
  const room = {
    width: Math.max(1, stage.width - 2 * margin),
    height: Math.max(1, stage.height - 2 * margin),
  };
  const scale = Math.min(room.width / frame.width, room.height / frame.height, 2);
  return centreView(frame, stage, scale);
}

function centreView(frame: Size, stage: Size, scale: number): View {
  return {
    scale,
    x: (stage.width - scale * frame.width) / 2,
    y: (stage.height - scale * frame.height) / 2,
  };
}

/** Zooms so that what lies under `about` (stage) stays there. */
export function zoomAbout(view: View, about: Point, scale: number): View {
  const factor = scale / view.scale;
  return { scale, x: about.x - factor * (about.x - view.x), y: about.y - factor * (about.y - view.y) };
}

export function scaleLimits(frame: Size, stage: Size): { min: number; max: number } {
  const fit = fitView(frame, stage).scale;
  return { min: fit * MIN_OF_FIT, max: Math.max(MAX_SCALE, fit) };
}

export function clampScale(scale: number, frame: Size, stage: Size): number {
  const { min, max } = scaleLimits(frame, stage);
  return Math.min(max, Math.max(min, scale));
}

/** The nearest view without a gap: a frame larger than the stage covers it, a smaller one is centred. */
export function boundView(view: View, frame: Size, stage: Size): View {
  return {
    scale: view.scale,
    x: boundOffset(view.x, view.scale * frame.width, stage.width),
    y: boundOffset(view.y, view.scale * frame.height, stage.height),
  };
}

function boundOffset(offset: number, length: number, room: number): number {
  if (length <= room) return (room - length) / 2;
  return Math.min(0, Math.max(room - length, offset));
}

/** The view in which a box (normalised 0-1 of the picture) takes up a part of the stage's middle, at `least` scale. */
export function closeView(
  box: Rect,
  { picture, turn, stage }: { picture: Size; turn: Turn; stage: Size },
  { part, least }: { part: number; least: number },
): View {
  const frame = turnedSize(picture, turn);
  const face = boxToStage(box, { scale: 1, x: 0, y: 0 }, picture, turn);
  const wanted = (part * Math.min(stage.width, stage.height)) / Math.max(face.width, face.height);
  const scale = clampScale(Math.max(least, wanted), frame, stage);
  const { x, y } = middleOf(face);
  const view = { scale, x: stage.width / 2 - scale * x, y: stage.height / 2 - scale * y };
  return boundView(view, frame, stage);
}

/** A wheel's zoom factor: a notch of 100 pixels zooms by a fifth; lines and pages count as many pixels. */
export function wheelFactor(deltaY: number, deltaMode: number): number {
  const pixels = deltaY * ([1, 16, 400][deltaMode] ?? 1);
  return Math.exp(-Math.min(400, Math.max(-400, pixels)) * 0.0018);
}

/** Two fingers that moved: the view in which the picture stayed under both. */
export function pinchView(view: View, before: [Point, Point], after: [Point, Point]): View {
  const factor = distance(...after) / Math.max(1, distance(...before));
  const from = middle(...before);
  const to = middle(...after);
  return {
    scale: view.scale * factor,
    x: to.x - factor * (from.x - view.x),
    y: to.y - factor * (from.y - view.y),
  };
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

export function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Picture to frame. */
export function turnPoint({ x, y }: Point, picture: Size, turn: Turn): Point {
  switch (turn) {
    case 0:
      return { x, y };
    case 90:
      return { x: picture.height - y, y: x };
    case 180:
      return { x: picture.width - x, y: picture.height - y };
    case 270:
      return { x: y, y: picture.width - x };
  }
}

/** Frame to picture: the turn back. */
export function unturnPoint(point: Point, picture: Size, turn: Turn): Point {
  return turnPoint(point, turnedSize(picture, turn), ((360 - turn) % 360) as Turn);
}

export function toStage(point: Point, view: View, picture: Size, turn: Turn): Point {
  const frame = turnPoint(point, picture, turn);
  return { x: view.x + view.scale * frame.x, y: view.y + view.scale * frame.y };
}

export function toPicture(point: Point, view: View, picture: Size, turn: Turn): Point {
  const frame = { x: (point.x - view.x) / view.scale, y: (point.y - view.y) / view.scale };
  return unturnPoint(frame, picture, turn);
}

/** The rectangle with these two opposite corners. */
export function rectOf(a: Point, b: Point): Rect {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

/** A box (normalised 0-1 of the picture) on the stage. */
export function boxToStage(box: Rect, view: View, picture: Size, turn: Turn): Rect {
  const corner = (x: number, y: number) =>
    toStage({ x: x * picture.width, y: y * picture.height }, view, picture, turn);
  return rectOf(corner(box.x, box.y), corner(box.x + box.width, box.y + box.height));
}

/** The middle of a rectangle. */
export function middleOf({ x, y, width, height }: Rect): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

/** Whether a point lies in it. */
export function contains({ x, y, width, height }: Rect, point: Point): boolean {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
}

/** A rectangle of the stage as a box, normalised 0-1 of the picture. */
export function boxFromStage(rect: Rect, view: View, picture: Size, turn: Turn): Rect {
  const corner = (x: number, y: number) => {
    const point = toPicture({ x, y }, view, picture, turn);
    return { x: point.x / picture.width, y: point.y / picture.height };
  };
  return rectOf(corner(rect.x, rect.y), corner(rect.x + rect.width, rect.y + rect.height));
}

/** The part of the picture that the stage shows, in picture units; null where they do not meet. */
export function visibleRect(view: View, picture: Size, turn: Turn, stage: Size): Rect | null {
  const seen = rectOf(
    toPicture({ x: 0, y: 0 }, view, picture, turn),
    toPicture({ x: stage.width, y: stage.height }, view, picture, turn),
  );
  const left = Math.max(0, seen.x);
  const top = Math.max(0, seen.y);
  const width = Math.min(picture.width, seen.x + seen.width) - left;
  const height = Math.min(picture.height, seen.y + seen.height) - top;
  return width > 0 && height > 0 ? { x: left, y: top, width, height } : null;
}

/** The CSS matrix that draws a `picture`-sized element, its origin at the top left, turned and in its place. */
export function pictureTransform(view: View, picture: Size, turn: Turn): string {
  const origin = toStage({ x: 0, y: 0 }, view, picture, turn);
  const right = toStage({ x: 1, y: 0 }, view, picture, turn);
  const down = toStage({ x: 0, y: 1 }, view, picture, turn);
  const numbers = [
    right.x - origin.x,
    right.y - origin.y,
    down.x - origin.x,
    down.y - origin.y,
    origin.x,
    origin.y,
  ];
  return `matrix(${numbers.map(round).join(', ')})`;
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
