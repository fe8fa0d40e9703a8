import { HeirloomError } from '../../contract/errors.ts';
import type { RgbImage } from '../image/types.ts';
import { facePoints, faceSizePx } from './alignment.ts';
import { CANVAS_SIZE } from './face-nets.ts';
import type { FaceNets } from './face-nets.ts';
import { fitLandmarks } from './fit-landmarks.ts';
import { meanLandmarks } from './mean-face.ts';
import { isSameFace, mergeSightings, overlap } from './merge-sightings.ts';
import type { Sighting } from './merge-sightings.ts';
import { isPlausible } from './plausible-face.ts';
import { areaAverage, paint, turnRaster } from './raster.ts';
import type { Raster } from './raster.ts';
import { readingOrder } from '../../contract/reading-order.ts';
import { inSkinTint } from './skin-tint.ts';
import type { DetectedFace, Point, Turn } from './types.ts';
import { fitLongSide, levelSizes, sheetViews, tileViews, toPicture, turnedSize, viewOf } from './views.ts';
import type { Size, View } from './views.ts';

/** Below this the network's boxes are noise. */
const HINT_CONFIDENCE = 0.1;
/** A box of this confidence is a face if its landmarks are a face's. */
const FACE_CONFIDENCE = 0.25;
/** A box of this confidence whose landmarks are not a face's speaks against the turn. */
const STRONG_CONFIDENCE = 0.5;
/** The picture stands upright if the recognised part of the strong sightings' confidence is at least this. */
const UPRIGHT_PART = 0.35;
/** Another turn is the right one in place of one at which faces stand upright only if it is trusted so many times as much. */
const CLEARLY = 2;
/** A box of this confidence is a face for itself if a second view shows it strongly. */
const SURE_CONFIDENCE = 0.9;
/** Widths of the first look, as factors; a box that cuts the face, or holds much around it, needs another. */
const FIRST_LOOKS = [1, 1.4, 1.75];
/** Faces that are looked at to tell whether the picture stands upright. */
const TURN_WITNESSES = 6;
/** Around boxes whose long side has fewer pixels of the canvas than this, the next level is searched as well. */
const SMALL_IN_WHOLE = 32;
const SMALL_IN_TILE = 22;
/** A weak sighting that shares more than this of the smaller box with a recognised face is a part of it. */
const WEAK_OVERLAP = 0.2;
/** Faces whose middles are closer than this part of the smaller one's FFHQ square are one. */
const ONE_MIDDLE = 0.25;
/** A face whose FFHQ square has fewer pixels of the picture a side is not one to restore. */
const MIN_FACE_SIZE = 16;
/** Grey of the canvas around the views, 0-255. */
const PADDING = 128;

interface Scan {
  nets: FaceNets;
  image: RgbImage;
  /** The picture upright, as large as the canvas takes it. */
  small: Raster;
  /** What was found in each sighting that was looked at. */
  fits: Map<Sighting, Promise<Point[] | undefined>>;
}

/**
 * All faces of a picture, in reading order.
 *
 * Looks at the whole picture and at a sheet of small copies (`[Note: The sheet of small copies]`). Where the
 * landmarks of what it finds are not those of upright faces, or nothing is found, it looks at the picture's
 * other turns and takes the one with the most confidence; where the sheet shows much more at another turn, at
 * that one too. Around small faces it looks closer, at overlapping tiles. An ordinary photo costs two passes of
 * the network, a group photo one more for each tile with small faces.
 * Where nothing is found it looks once more, at the picture in skin's tint (`[Note: Faces in grey]`).
 *
 * @throws `argument/invalid` for a picture whose samples do not match its size.
 */
export async function detectFaces(nets: FaceNets, image: RgbImage): Promise<DetectedFace[]> {
  requirePicture(image);
  const faces = await facesOf(nets, image);
  return faces.length > 0 ? faces : facesOf(nets, inSkinTint(image));
}

async function facesOf(nets: FaceNets, image: RgbImage): Promise<DetectedFace[]> {
  const scan = openScan(nets, image);
  const sheet = await lookAtSheet(scan);
  const { turn, sightings } = await chooseTurn(scan, sheet);
  const all = [...sightings, ...(await lookCloser(scan, turn, sightings))];
  return readingOrder(dropDoubles(await recogniseFaces(scan, all), image));
}

function openScan(nets: FaceNets, image: RgbImage): Scan {
  const { width, height } = fitLongSide(image, levelSizes(image)[0]!);
  return { nets, image, small: areaAverage(image, width, height), fits: new Map() };
}

async function lookAtSheet(scan: Scan): Promise<Sighting[]> {
  const views = sheetViews(scan.image);
  const copies = views.map(({ turn, whole }) => {
    const { width, height } = turnedSize(whole, turn);
    return turnRaster(areaAverage(scan.small, width, height), turn);
  });
  return look(scan, views, copies);
}

/** The whole picture at one turn. */
interface Whole {
  turn: Turn;
  sightings: Sighting[];
  /** Confidence of the strong ones among the best few sightings ... */
  strength: number;
  /** ... and of those whose landmarks are a face's. */
  trust: number;
}

/** What the whole picture shows at the turn at which its faces stand upright. */
async function chooseTurn(scan: Scan, sheet: Sighting[]): Promise<Whole> {
  const evidence = (turn: Turn) =>
    total(mergeSightings(sheet.filter(({ view }) => view.turn === turn)).slice(0, TURN_WITNESSES));
  const others = ([90, 270, 180] as const).toSorted((a, b) => evidence(b) - evidence(a));
  let best: Whole | undefined;
  for (const turn of [0, ...others] as const) {
    const whole = await lookAtWhole(scan, turn, sheet);
    if (standsUpright(whole)) {
      // In a sharp picture that lies on its side some faces may pass for upright ones.
      const rival = others[0]!;
      if (turn !== 0 || evidence(rival) < CLEARLY * whole.trust) return whole;
      const other = await lookAtWhole(scan, rival, sheet);
      return other.trust >= CLEARLY * whole.trust ? other : whole;
    }
    if (!best || (whole.trust > best.trust && whole.trust >= STRONG_CONFIDENCE)) best = whole;
  }
  return best!;
}

async function lookAtWhole(scan: Scan, turn: Turn, sheet: Sighting[]): Promise<Whole> {
  const turned = turnRaster(scan.small, turn);
  const seen = await look(scan, tileViews(turned, turn), [turned]);
  const sightings = [...seen, ...sheet.filter(({ view }) => view.turn === turn)];
  const witnesses = mergeSightings(sightings)
    .filter(({ confidence }) => confidence >= FACE_CONFIDENCE)
    .slice(0, TURN_WITNESSES);
  const strong = witnesses.filter(({ confidence }) => confidence >= STRONG_CONFIDENCE);
  const trusted: Sighting[] = [];
  for (const witness of witnesses) if (await landmarksOf(scan, witness)) trusted.push(witness);
  return { turn, sightings, strength: total(strong), trust: total(trusted) };
}

function standsUpright({ turn, strength, trust }: Whole): boolean {
  const least = turn === 0 ? FACE_CONFIDENCE : STRONG_CONFIDENCE;
  return trust >= Math.max(least, UPRIGHT_PART * strength);
}

function total(sightings: Sighting[]): number {
  return sightings.reduce((sum, { confidence }) => sum + confidence, 0);
}

/** The tiles, level by level, in which the level before shows something small. */
async function lookCloser(scan: Scan, turn: Turn, whole: Sighting[]): Promise<Sighting[]> {
  const { image, small } = scan;
  const found: Sighting[] = [];
  let hints = whole;
  let limit = SMALL_IN_WHOLE / Math.max(small.width, small.height);
  for (const long of levelSizes(image).slice(1)) {
    hints = hints.filter(({ box }) => sideAsPart(box, image) < limit);
    if (hints.length === 0) break;
    const { width, height } = fitLongSide(image, long);
    const level = turnRaster(areaAverage(image, width, height), turn);
    const tiles = tileViews(level, turn).filter((tile) => hints.some((hint) => liesIn(hint, tile, image)));
    const closer: Sighting[] = [];
    for (const tile of tiles) closer.push(...(await look(scan, [tile], [level])));
    found.push(...closer);
    hints = closer;
    limit = SMALL_IN_TILE / long;
  }
  return found;
}

/** The box's longer side as a part of the picture's. */
function sideAsPart(box: Sighting['box'], { width, height }: Size): number {
  return Math.max(box.width, box.height) / Math.max(width, height);
}

function liesIn({ box }: Sighting, tile: View, image: Size): boolean {
  const { x, y, width, height } = toPicture(tile, {
    x: tile.x,
    y: tile.y,
    width: tile.part.width,
    height: tile.part.height,
  });
  const centreX = (box.x + box.width / 2) / image.width;
  const centreY = (box.y + box.height / 2) / image.height;
  return centreX >= x && centreX <= x + width && centreY >= y && centreY <= y + height;
}

/** One pass of the network over a canvas of views, each cut from the raster of the same place in the list. */
async function look({ nets, image }: Scan, views: View[], rasters: Raster[]): Promise<Sighting[]> {
  const data = new Float32Array(3 * CANVAS_SIZE * CANVAS_SIZE).fill(PADDING);
  const canvas = { width: CANVAS_SIZE, height: CANVAS_SIZE, data };
  views.forEach(({ x, y, part }, i) => paint(canvas, rasters[i]!, x, y, part.x, part.y));
  return (await nets.locate(data, HINT_CONFIDENCE)).flatMap((candidate) => {
    const view = viewOf(views, candidate);
    if (!view) return [];
    const { x, y, width, height } = toPicture(view, candidate);
    const box = {
      x: x * image.width,
      y: y * image.height,
      width: width * image.width,
      height: height * image.height,
    };
    return [{ box, confidence: candidate.confidence, view }];
  });
}

interface RecognisedFace {
  face: DetectedFace;
  sighting: Sighting;
  /** Side of the FFHQ square in pixels of the picture. */
  sizePx: number;
}

async function recogniseFaces(scan: Scan, sightings: Sighting[]): Promise<RecognisedFace[]> {
  const { image } = scan;
  const faces: RecognisedFace[] = [];
  const unsure: Sighting[] = [];
  for (const sighting of mergeSightings(sightings)) {
    if (sighting.confidence < FACE_CONFIDENCE) break;
    const landmarks = await landmarksOf(scan, sighting);
    if (!landmarks) unsure.push(sighting);
    else if (isBacked(sighting, sightings, faces)) faces.push(recognised(sighting, landmarks, image));
  }
  const blurred = unsure
    .filter((sighting) => isSure(sighting, sightings))
    .filter(({ box }) => faces.every((face) => overlap(face.sighting.box, box) === 0))
    .map((sighting) => recognised(sighting, meanLandmarks(sighting.box, sighting.view.turn, image), image));
  return [...faces, ...blurred].filter(({ sizePx }) => sizePx >= MIN_FACE_SIZE);
}

/** A face for itself, though it is too blurred for landmarks. */
function isSure(sighting: Sighting, all: Sighting[]): boolean {
  return sighting.confidence >= SURE_CONFIDENCE && isSeenTwice(sighting, all, STRONG_CONFIDENCE);
}

/** A weak sighting counts only in the company of a stronger face, clear of it, or where two views show it. */
function isBacked(sighting: Sighting, all: Sighting[], stronger: RecognisedFace[]): boolean {
  if (sighting.confidence >= STRONG_CONFIDENCE) return true;
  if (stronger.some((face) => overlap(face.sighting.box, sighting.box) > WEAK_OVERLAP)) return false;
  return stronger.length > 0 || isSeenTwice(sighting, all, FACE_CONFIDENCE);
}

function isSeenTwice(sighting: Sighting, all: Sighting[], minConfidence: number): boolean {
  return all.some(
    ({ box, confidence, view }) =>
      view !== sighting.view && confidence >= minConfidence && isSameFace(box, sighting.box),
  );
}

function landmarksOf(scan: Scan, sighting: Sighting): Promise<Point[] | undefined> {
  const fit = scan.fits.get(sighting) ?? findLandmarks(scan, sighting);
  scan.fits.set(sighting, fit);
  return fit;
}

/** Landmarks that a face can have, from the first of the first looks that leads to any. */
async function findLandmarks({ nets, image }: Scan, { box, view }: Sighting): Promise<Point[] | undefined> {
  for (const zoom of FIRST_LOOKS) {
    try {
      const fit = await fitLandmarks(nets, image, box, view.turn, zoom);
      if (isPlausible(fit, box, view.turn, image)) return fit.landmarks;
    } catch (error) {
      if (!(error instanceof HeirloomError)) throw error;
    }
  }
  return undefined;
}

function recognised(sighting: Sighting, landmarks: Point[], { width, height }: Size): RecognisedFace {
  const { box, confidence, view } = sighting;
  return {
    face: {
      box: { x: box.x / width, y: box.y / height, width: box.width / width, height: box.height / height },
      confidence,
      landmarks,
      turn: view.turn,
    },
    sighting,
    sizePx: faceSizePx({ landmarks }, width, height),
  };
}

/** Boxes that led to the same eyes and mouth are one face: the most confident stays. */
function dropDoubles(faces: RecognisedFace[], picture: Size): DetectedFace[] {
  const kept: RecognisedFace[] = [];
  for (const candidate of faces.toSorted((a, b) => b.face.confidence - a.face.confidence)) {
    if (!kept.some((other) => haveOneMiddle(candidate, other, picture))) kept.push(candidate);
  }
  return kept.map(({ face }) => face);
}

function haveOneMiddle(a: RecognisedFace, b: RecognisedFace, { width, height }: Size): boolean {
  const [p, q] = [a, b].map(({ face }) => {
    const { leftEye, rightEye, mouth } = facePoints(face.landmarks, width, height);
    return { x: (leftEye.x + rightEye.x + mouth.x) / 3, y: (leftEye.y + rightEye.y + mouth.y) / 3 };
  }) as [Point, Point];
  return Math.hypot(p.x - q.x, p.y - q.y) <= ONE_MIDDLE * Math.min(a.sizePx, b.sizePx);
}

/** Throws `argument/invalid` unless the picture has pixels, and as many samples as it says. */
export function requirePicture({ width, height, data }: RgbImage): void {
  const positive = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!positive || data.length !== 3 * width * height) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected a picture of width x height x 3 samples but received ${width} x ${height} with ${data.length}`,
    );
  }
}
