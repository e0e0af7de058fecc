/** @file What a person has set on this machine: where and with how much it computes, and how the window looks and is worked. */
import { z } from 'zod';
import { ProviderChoice } from './engine-service.ts';
import { call, service } from './service.ts';
import { nothing } from './vocabulary.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** In percent of the usual size. */
export const textSizes = [100, 125, 150, 175, 200] as const;
export type TextSize = (typeof textSizes)[number];

export const LARGEST_THREADS = 256;
/** No model fits in less, and a smaller number is a mistake of the unit. */
export const SMALLEST_MEMORY_MIB = 256;
export const LARGEST_MEMORY_MIB = 2 ** 24;

export const Settings = z.object({
  /** Who decisions are signed by; null: the name of the account. */
  reviewer: z.string().trim().min(1).max(80).nullable(),
  /** Where runs that the window starts compute. */
  provider: ProviderChoice,
  /** On the CPU; 0: one less than there are cores, where there are more than two. */
  threads: z.int().min(0).max(LARGEST_THREADS),
  /** Of one computation, in MiB; 0: three quarters of the machine's memory. */
  memoryMib: z.union([z.literal(0), z.int().min(SMALLEST_MEMORY_MIB).max(LARGEST_MEMORY_MIB)]),
  /** Folder in which new projects are offered; '': Whence in the person's documents. */
  projectsPath: z.string().max(4096),
  theme: z.enum(themes),
  textSize: z.literal(textSizes),
  /** Action → its keys, where they are not the default ones. */
  shortcuts: z.record(z.string(), z.array(z.string())),
  /** How many steps of the tour are over; -1: all of them, or it was put away. */
  tourStep: z.int().min(-1),
});
export type Settings = z.output<typeof Settings>;

export const SettingsChange = Settings.partial();
export type SettingsChange = z.output<typeof SettingsChange>;

/** Of these, 0, '' and null stand for what Whence chooses itself. */
export const settingDefaults: Settings = {
  reviewer: null,
  provider: 'auto',
  threads: 0,
  memoryMib: 0,
  projectsPath: '',
  theme: 'system',
  textSize: 100,
  shortcuts: {},
  tourStep: 0,
};
export const SettingName = Settings.keyof();
export type SettingName = keyof Settings;

/** Reads what was kept, one setting after the other: what another version or a hand made unreadable has its default. */
export function readSettings(kept: Readonly<Record<string, unknown>>): Settings {
  const readable = Object.entries(Settings.shape)
    .map(([name, schema]) => [name, schema.safeParse(kept[name])] as const)
    .filter(([, parsed]) => parsed.success)
    .map(([name, parsed]) => [name, parsed.data]);
  return { ...settingDefaults, ...(Object.fromEntries(readable) as Partial<Settings>) };
}

/** What Whence chooses on this machine where nothing is set. */
export const ChosenDefaults = z.object({
  reviewer: z.string(),
  threads: z.int(),
  memoryMib: z.int(),
  projectsPath: z.string(),
});
export type ChosenDefaults = z.infer<typeof ChosenDefaults>;

export const settings = service({
  name: 'settings',
  calls: {
    read: call(nothing, z.object({ settings: Settings, chosen: ChosenDefaults })),
    change: call(SettingsChange, Settings),
    /** The defaults again, of these settings or of all. */
    reset: call(z.object({ names: z.array(SettingName).exactOptional() }), Settings),
  },
  events: {
    /** Of any window or command of this engine. */
    changed: Settings,
  },
});
