/** The one door to onnxruntime: it comes through here with its telemetry off. */
import './no-telemetry.ts';

export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
