import { compile } from '@inlang/paraglide-js';
import { paraglideOptions } from './paraglide-options.ts';

// For lint and types, which need the compiled messages; the build and the tests compile them by themselves.
await compile(paraglideOptions);
