import { createRequire, registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type * as FaceApi from '@vladmandic/face-api';
import { HeirloomError } from '../../contract/errors.ts';
import { shareLoad } from './share-load.ts';
import type { Point } from './types.ts';

/** Side in pixels of the square that the detection network looks at. */
export const CANVAS_SIZE = 512;
/** Side in pixels of the crops that the landmark network looks at. */
export const LANDMARK_SIZE = 112;
/** Side in pixels of the crops that the descriptor network looks at. */
export const DESCRIPTOR_SIZE = 150;

/** A box that the detection network proposes. */
export interface Candidate {
  /** Pixels of the canvas; may reach outside. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** 0-1. */
  confidence: number;
}

/** The three networks of face-api. Inputs are RGB float, HWC, 0-255, square. */
export interface FaceNets {
  /** Of the package that they come in. */
  readonly version: string;
  /** Boxes, not merged, of at least `minConfidence` in a `CANVAS_SIZE` canvas. */
  locate(canvas: Float32Array, minConfidence: number): Promise<Candidate[]>;
  /** 68 points, normalised 0-1 of a `LANDMARK_SIZE` crop. */
  landmarks(crop: Float32Array): Promise<Point[]>;
  /** 128 numbers for a `DESCRIPTOR_SIZE` crop. */
  descriptor(crop: Float32Array): Promise<Float32Array>;
}

/** Loads tfjs' WebAssembly backend and the networks once a process, from the packages' own files. */
export const loadFaceNets: () => Promise<FaceNets> = shareLoad(async () => {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  if (!(await tf.setBackend('wasm'))) {
    throw new HeirloomError('internal', 'The WebAssembly backend of the face detector did not start');
  }
  const { nets, version } = requireFaceApi(require);
  const models = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model');
  const used = [nets.ssdMobilenetv1, nets.faceLandmark68Net, nets.faceRecognitionNet];
  await Promise.all(used.map((net) => net.loadFromDisk(models)));
  return {
    version,
    locate: (canvas, minConfidence) => locate(nets.ssdMobilenetv1, canvas, minConfidence),
    landmarks: (crop) => landmarks(nets.faceLandmark68Net, crop),
    descriptor: (crop) => descriptor(nets.faceRecognitionNet, crop),
  };
});

/**
 * [Note: face-api without the tfjs meta-package]
 * face-api's bundle for Node and WebAssembly requires `@tensorflow/tfjs`, 220 MB of packages of which it uses
 * tfjs-core and eight chained operations. While it loads, that name is answered with tfjs-core; the eight
 * methods are registered here as the meta-package would.
 */
function requireFaceApi(require: NodeJS.Require): typeof FaceApi {
  registerChainedOperations();
  const hooks = registerHooks({
    resolve: (name, context, next) =>
      next(name === '@tensorflow/tfjs' ? '@tensorflow/tfjs-core' : name, context),
  });
  try {
    return require('@vladmandic/face-api/dist/face-api.node-wasm.js') as typeof FaceApi;
  } finally {
    hooks.deregister();
  }
}

function registerChainedOperations(): void {
  Object.assign(tf.Tensor.prototype, {
    as1D(this: tf.Tensor) {
      return tf.reshape(this, [this.size]);
    },
    as2D: reshapeTo,
    as3D: reshapeTo,
    as4D: reshapeTo,
    mul(this: tf.Tensor, other: tf.TensorLike) {
      return tf.mul(this, other);
    },
    sub(this: tf.Tensor, other: tf.TensorLike) {
      return tf.sub(this, other);
    },
    div(this: tf.Tensor, other: tf.TensorLike) {
      return tf.div(this, other);
    },
    mean(this: tf.Tensor, axes: number[]) {
      return tf.mean(this, axes);
    },
  });
}

function reshapeTo(this: tf.Tensor, ...shape: number[]): tf.Tensor {
  return tf.reshape(this, shape);
}

async function locate(
  net: FaceApi.SsdMobilenetv1,
  canvas: Float32Array,
  minConfidence: number,
): Promise<Candidate[]> {
  const output = await withTensor(canvas, CANVAS_SIZE, (input) => net.forward(input));
  const [boxes, scores] = [output.boxes[0]!, output.scores[0]!];
  const corners = boxes.dataSync();
  const confidences = scores.dataSync();
  for (const tensor of [...output.boxes, ...output.scores]) tensor.dispose();
  return Array.from(confidences, (confidence, i) => boxAt(corners, i, confidence)).filter(
    (candidate) => candidate.confidence >= minConfidence,
  );
}

function boxAt(corners: ArrayLike<number>, index: number, confidence: number): Candidate {
  const [top, left, bottom, right] = [0, 1, 2, 3].map((k) => corners[4 * index + k]! * CANVAS_SIZE) as [
    number,
    number,
    number,
    number,
  ];
  return { x: left, y: top, width: right - left, height: bottom - top, confidence };
}

async function landmarks(net: FaceApi.FaceLandmark68Net, crop: Float32Array): Promise<Point[]> {
  const found = await withTensor(crop, LANDMARK_SIZE, (input) => net.detectLandmarks(input));
  return (found as FaceApi.FaceLandmarks68).relativePositions.map(({ x, y }) => ({ x, y }));
}

async function descriptor(net: FaceApi.FaceRecognitionNet, crop: Float32Array): Promise<Float32Array> {
  const numbers = await withTensor(crop, DESCRIPTOR_SIZE, (input) => net.computeFaceDescriptor(input));
  return Float32Array.from(numbers as Float32Array);
}

async function withTensor<T>(
  data: Float32Array,
  size: number,
  run: (input: FaceApi.TNetInput) => Promise<T>,
): Promise<T> {
  const input = tf.tensor3d(data, [size, size, 3]);
  try {
    return await run(input);
  } finally {
    input.dispose();
  }
}
