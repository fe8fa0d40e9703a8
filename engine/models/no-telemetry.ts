/**
 * [Note: onnxruntime's telemetry]
 * From 1.29 on, onnxruntime for Linux and macOS keeps an id of the machine in the person's cache folder and sends
 * names of models, sizes and timings to Microsoft. It reads this variable once, when it starts, so `onnxruntime.ts`
 * imports this module before it. On Windows its events go to the system's own tracing, which the system's settings govern.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
