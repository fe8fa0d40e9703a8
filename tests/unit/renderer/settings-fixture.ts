import { settingsSchema, type Settings } from '../../../contract/library.ts';

/** Settings as the application answers them, with what a test needs otherwise. */
export const settingsWith = (changed: Partial<Settings> = {}): Settings => ({
  ...settingsSchema.parse({}),
  ...changed,
});
