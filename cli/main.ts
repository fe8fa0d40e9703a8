import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { z } from 'zod';
import { HeirloomError } from '../contract/errors.ts';
import type { AddRestorerOptions } from './add-restorer-command.ts';
import type { EvaluateOptions } from './evaluate-command.ts';
import type { InspectOptions } from './inspect-command.ts';
import type { PacksOptions } from './packs-command.ts';
import type { RestoreOptions } from './restore-command.ts';
import type { TablesOptions } from './tables/tables-command.ts';
import type { SampleOptions } from './sample-command.ts';
import type { ServeCommandOptions } from './serve-command.ts';
import { describeError, writeLine, type Output } from './output.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** 128 and the number of SIGPIPE, as of any program whose reader (`| head`) has read enough. */
const EXIT_PIPE = 141;
const USAGE_ERRORS: ReadonlySet<string> = new Set(['argument/invalid', 'port/in-use']);

const packageSchema = z.object({ version: z.string() });

function version(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return packageSchema.parse(JSON.parse(file)).version;
}

const PRECEDENCE =
  '\nWhere options overlap, a value that is named (--guides, --weights) wins over --fidelity, and --fidelity over --preset.' +
  '\nA --face that names more than seed and grain replaces for that face all that options say of its blur, guides and preset; its preset is that of --preset unless it names one.';

function each(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** A command's work: the exit code. Commands are loaded when they run. */
type Run = (signal: AbortSignal) => Promise<number>;

function providerOption(): Option {
  return new Option('--provider <name>', 'auto, cpu, webgpu, cuda, dml or coreml').default('auto');
}

function packOption(): Option {
  return new Option('--pack <pack>', 'id or folder of a model pack (default: family-256)');
}

/** The commands of `heirloom`; `start` gets the work of the one that was asked for. */
function buildProgram(output: Output, start: (run: Run) => void): Command {
  const program = new Command('heirloom')
    .description("Restores the faces in family photos on the owner's own computer.")
    .version(version())
    .exitOverride()
    .showHelpAfterError('(--help after the command shows its options)')
    .configureOutput({
      writeOut: (text) => output.stdout.write(text),
      writeErr: (text) => output.stderr.write(text),
    });

  program
    .command('restore')
    .description('restore the faces in photos; originals are never changed')
    .argument('<input...>', 'photos, or folders of photos with everything below them')
    .requiredOption('--out <dir>', 'folder for the restored photos')
    .option('--preset <id>', 'faithful, balanced or detailed, or another one of the pack', 'balanced')
    .option('--fidelity <0-1>', '0 as detailed as can be, 1 as faithful as can be')
    .option('--guides <1-4>', 'number of guides')
    .option('--weights <w,w>', 'weight of each guide')
    .option('--start <1-1000>', 'starting timestep, instead of the one for the estimated blur')
    .option('--blur <0.1-15>', 'blur as `inspect` shows it, instead of the estimated one')
    .option('--steps <4-1000>', 'sampling steps')
    .option('--speed <speed>', 'draft, normal or exact', 'normal')
    .option('--seed <number>', 'seed of the noise: the same seed gives the same picture', '0')
    .option('--per-region <on|off>', 'estimate the blur of each part of a face by itself')
    .option('--auto <on|off>', 'choose the guides of each face by how sure its estimated blur is')
    .option('--crispness <0-1>', "how far faint detail is raised to what faces have (default: the preset's)")
    .option('--grain <0-1>', "part of the photo's own grain that restored faces get back (default: 0.5)")
    .option('--scale <factor>', 'output size: 1, 2, 4 or auto', '1')
    .option('--faces <list>', 'all, or the numbers of faces, from 1, as `inspect` shows them', 'all')
    .option(
      '--face <n:settings>',
      'settings of one face of a single photo, like 3:preset=faithful,seed=7; once for each such face',
      each,
    )
    .option('--aligned', 'each input is one face, already aligned and cropped')
    .option('--format <format>', 'same, jpeg, png, webp or tiff', 'same')
    .addOption(providerOption())
    .addOption(packOption())
    .option('--json', 'progress as JSON lines')
    .option('--overwrite', 'replace outputs that exist; never an original')
    .addHelpText('after', PRECEDENCE)
    .action((inputs: string[], options: RestoreOptions) =>
      start(async (signal) =>
        (await import('./restore-command.ts')).restoreCommand(inputs, options, output, signal),
      ),
    );

  program
    .command('inspect')
    .description('show faces, landmarks, estimated blur and starting timestep of a photo')
    .argument('<photo>')
    .option('--draw <file>', 'write the photo with the faces drawn in')
    .option('--overwrite', 'replace the drawing if it exists')
    .addOption(providerOption())
    .addOption(packOption())
    .option('--json', 'as JSON')
    .action((photo: string, options: InspectOptions) =>
      start(async (signal) =>
        (await import('./inspect-command.ts')).inspectCommand(photo, options, output, signal),
      ),
    );

  const packs = program.command('packs').description('list and check model packs');
  packs
    .command('list', { isDefault: true })
    .description('list the installed packs')
    .option('--json', 'as JSON')
    // The default command gets every word that is no command: a misspelt one must not be listed as nothing.
    .allowExcessArguments()
    .action((options: PacksOptions, list: Command) => {
      if (list.args.length > 0) refuseWord(packs, list.args);
      start(async (signal) => (await import('./packs-command.ts')).listCommand(options, output, signal));
    });
  packs
    .command('check')
    .description('check schema, hashes, shapes and results of packs, and which providers run them')
    .argument('[pack...]', 'ids or folders; without one, every installed pack')
    .option('--json', 'as JSON')
    .action((names: string[], options: PacksOptions) =>
      start(async (signal) =>
        (await import('./packs-command.ts')).checkCommand(names, options, output, signal),
      ),
    );

  packs
    .command('add-restorer')
    .description(
      'make a pack with another restoration network: an ONNX file, one face picture in and one out',
    )
    .argument('<file>', 'the ONNX file; it is tried on a golden face first')
    .option('--out <dir>', 'folder for the new pack', '.')
    .option('--json', 'as JSON')
    .addOption(packOption())
    .action((file: string, options: AddRestorerOptions) =>
      start(async (signal) =>
        (await import('./add-restorer-command.ts')).addRestorerCommand(file, options, output, signal),
      ),
    );

  program
    .command('evaluate')
    .description('compare restored faces with the truth: PSNR, SSIM, identity, landmarks, time')
    .requiredOption('--lq <dir|tar>', 'degraded aligned faces')
    .requiredOption('--hq <dir|tar>', 'the true faces, of the same names')
    .option('--limit <n>', 'only the first pairs')
    .option('--presets <id,id>', 'presets to compare', 'balanced')
    .option('--speeds <speed,speed>', 'speeds to compare', 'draft,normal,exact')
    .option('--seed <number>', 'seed of the noise', '0')
    .option('--json <file>', 'write every score as JSON')
    .option('--sheet <file>', 'write a contact sheet of the first pairs')
    .option('--sheet-pairs <n>', 'pairs on the contact sheet', '12')
    .option('--overwrite', 'replace the files of --json and --sheet if they exist')
    .option('--tables [dir]', "every row of the paper's tables, into results.md and results.json there")
    .option('--rows <id,id>', 'with --tables: only these rows')
    .option('--exact-pairs <n>', 'with --tables: pairs for the exact sampler, minutes a face', '12')
    .option('--row-pairs <n>', 'with --tables: pairs for every row but lq, rm and the presets')
    .option('--against <dir>', "with --tables: compare face by face with another run's results.json there")
    .option('--inception <onnx>', 'with --tables: your own Inception v3 features, for FID')
    .option('--lpips <onnx>', 'with --tables: your own LPIPS network of two pictures')
    .addOption(providerOption())
    .addOption(packOption())
    .action((options: AllEvaluateOptions, evaluate: Command) => {
      const { tables } = options;
      if (tables === undefined) refuseOptions(evaluate, TABLES_ONLY, 'without --tables');
      else refuseOptions(evaluate, SCORES_ONLY, 'with --tables');
      start(async (signal) => {
        if (tables === undefined)
          return (await import('./evaluate-command.ts')).evaluateCommand(options, output, signal);
        const { tablesCommand } = await import('./tables/tables-command.ts');
        return tablesCommand({ ...options, tables: tables === true ? 'docs' : tables }, output, signal);
      });
    });

  program
    .command('sample')
    .description('what the prior draws by itself, without a photo; no person looks like it')
    .option('--count <n>', 'how many', '16')
    .option('--seed <number>', 'seed of the noise: the same seed gives the same faces', '0')
    .option('--steps <n>', 'steps of the sampler, 1-1000', '50')
    .option('--out <dir>', 'write each as a PNG into this folder')
    .option('--sheet <file>', 'write all of them as one PNG')
    .option('--overwrite', 'replace files that exist')
    .addOption(providerOption())
    .addOption(packOption())
    .action((options: SampleOptions) =>
      start(async (signal) => (await import('./sample-command.ts')).sampleCommand(options, output, signal)),
    );

  program
    .command('serve')
    .description('open a library in browser mode, on this machine only, until Ctrl-C')
    .option('--library <dir>', "folder of the library (default: Heirloom in the person's pictures)")
    .option('--port <number>', 'port on 127.0.0.1; 0 takes any free one', '0')
    .option('--open', 'open the default browser')
    .option('--from-backup', 'where the library is damaged, go back to its newest good backup')
    .action((options: ServeCommandOptions) =>
      start(async (signal) => (await import('./serve-command.ts')).serveCommand(options, output, signal)),
    );

  return program;
}

type AllEvaluateOptions = EvaluateOptions & Omit<TablesOptions, 'tables'> & { tables?: string | true };
/** Options of `evaluate` that mean nothing with `--tables`, and those that mean nothing without it. */
const SCORES_ONLY = ['presets', 'speeds', 'json', 'sheet', 'sheetPairs', 'overwrite'];
const TABLES_ONLY = ['rows', 'exactPairs', 'rowPairs', 'against', 'inception', 'lpips'];

/** What was named and would be ignored. */
function refuseOptions(command: Command, names: readonly string[], when: string): void {
  const named = command.options
    .filter((option) => names.includes(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long }) => long);
  if (named.length > 0) command.error(`error: ${named.join(', ')} cannot be used ${when}`);
}

/** For a word after `command` that none of its subcommands takes. */
function refuseWord(command: Command, [word]: string[]): never {
  const names = command.commands.map((subcommand) => `${command.name()} ${subcommand.name()}`);
  command.error(`error: '${word}' is not understood; expected ${names.join(' or ')}`);
}

/** The first interrupt cancels; the next one, a second or more later, leaves at once. */
function cancelOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (first > 0 && performance.now() - first > 1000) process.exit(130);
      first ||= performance.now();
      controller.abort();
    });
  return controller.signal;
}

/** Where what it says cannot be written it ends, and never as if all were done. */
function leaveUnheard(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(EXIT_PIPE);
  const unwritable = new HeirloomError('output/unwritable', `standard output: ${error.message}`);
  writeLine(process.stderr, describeError(unwritable));
  process.exit(EXIT_FAILED);
}

function exitCodeOf(error: unknown, output: Output): number {
  // Commander has said what was wrong, or shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof HeirloomError && error.code === 'job/cancelled') return 130;
  writeLine(output.stderr, describeError(error));
  return error instanceof HeirloomError && USAGE_ERRORS.has(error.code) ? EXIT_USAGE : EXIT_FAILED;
}

/** Runs one command line; resolves to the exit code: 0 all done, 1 some failed, 2 wrong usage, 130 cancelled. */
export async function main(args: string[], output: Output, signal: AbortSignal): Promise<number> {
  let run: Run | undefined;
  try {
    await buildProgram(output, (chosen) => (run = chosen)).parseAsync(args, { from: 'user' });
    return run ? await run(signal) : 0;
  } catch (error) {
    return exitCodeOf(error, output);
  }
}

if (import.meta.main) {
  process.stdout.on('error', leaveUnheard);
  process.exitCode = await main(process.argv.slice(2), process, cancelOnInterrupt());
}
