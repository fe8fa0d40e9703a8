/** What a part of the fault tests counts. */
export interface PartResult {
  name: string;
  rounds: number;
  faults: number;
  /** Photos, originals or versions that were there and are not, or are not what they were. */
  lost: number;
  /** What was not as it should be; empty: passed. */
  problems: string[];
  /** Other figures, for the person who reads it. */
  details: string[];
}

export function newResult(name: string): PartResult {
  return { name, rounds: 0, faults: 0, lost: 0, problems: [], details: [] };
}

export interface PartOptions {
  seed: number;
  /** Of the rounds of this part; less where the time is over. */
  rounds: number;
  /** `performance.now()` at which no new round begins. */
  until: number;
  /** Hears a line now and then. */
  log: (line: string) => void;
}

export function timeIsLeft({ until }: PartOptions): boolean {
  return performance.now() < until;
}

export function reportOf({ name, rounds, faults, lost, problems, details }: PartResult): string {
  const verdict = problems.length === 0 && lost === 0 ? 'ok' : 'FAILED';
  const lines = [
    `${name}: ${verdict}, ${rounds} rounds, ${faults} faults injected, ${lost} items lost`,
    ...details.map((line) => `  ${line}`),
    ...problems.map((line) => `  ! ${line}`),
  ];
  return lines.join('\n');
}
