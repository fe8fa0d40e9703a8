import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { median, percentile } from './statistics.ts';

/** One line: median and p95 of repeated measurements. */
export function printMeasured(
  name: string,
  values: readonly number[],
  digits: number,
  unit: string,
  note = '',
): void {
  const show = (value: number) => value.toFixed(digits).padStart(9);
  console.log(
    `${name.padEnd(16)} median ${show(median(values))} ${unit}  p95 ${show(percentile(values, 95))} ${unit}  runs ${values.length}${note}`,
  );
}

/** What the numbers were measured on. */
export function printMachine(versions: Record<string, string>): void {
  const [cpu] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  console.log(
    `Machine   ${cpu?.model ?? 'unknown'}, ${cpus().length} cores, ${memory} GiB, load ${load} before the start`,
  );
  console.log(`System    ${platform()} ${release()} ${arch()}`);
  console.log(
    `Versions  ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
  );
}
