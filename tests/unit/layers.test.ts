import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, it } from 'vitest';

/** Lints `code` with the project's own configuration, as if it stood in `path`; types are not needed here. */
async function lint(eslint: ESLint, path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: path });
  return (result?.messages ?? []).map((message) => message.message);
}

describe('the layer rule', () => {
  let eslint: ESLint;
  beforeAll(() => {
    eslint = new ESLint({
      overrideConfig: [
        tseslint.configs.disableTypeChecked,
        { languageOptions: { parserOptions: { projectService: false, project: false } } },
      ],
    });
  });

  const errors = "import { ERROR_TABLE } from '../../contract/errors.ts';\nexport { ERROR_TABLE };\n";

  it('lets engine import contract', async () => {
    expect(await lint(eslint, 'engine/image/layer-fixture.ts', errors)).toEqual([]);
  });

  it('refuses engine importing cli, and says what is allowed', async () => {
    const code = "import '../../cli/main.ts';\n";
    expect(await lint(eslint, 'engine/image/layer-fixture.ts', code)).toEqual([
      'Bad layering. engine may import contract only.',
    ]);
  });

  it('refuses contract importing anything but zod', async () => {
    expect(await lint(eslint, 'contract/layer-fixture.ts', "import 'zod';\n")).toEqual([]);
    expect(await lint(eslint, 'contract/layer-fixture.ts', "import 'node:fs';\n")).toEqual([
      'Bad layering. contract may import zod only.',
    ]);
    expect(await lint(eslint, 'contract/layer-fixture.ts', "import '../engine/image/types.ts';\n")).toEqual([
      'Bad layering. contract may import no other layer.',
    ]);
  });

  it.each([
    ['sharp', 'engine/image', 'scripts/packaging'],
    ['onnxruntime-node', 'engine/models'],
    ['@vladmandic/face-api', 'engine/faces'],
    ['commander', 'cli'],
  ])('keeps %s to %s', async (source, ...folders) => {
    const code = `import '${source}';\n`;
    for (const folder of folders) expect(await lint(eslint, `${folder}/layer-fixture.ts`, code)).toEqual([]);
    expect(await lint(eslint, 'engine/layer-fixture.ts', code)).toEqual([
      `Bad layering. ${source} may be imported in ${folders.join(' and ')} only.`,
    ]);
  });
});
