/** @file What a person has set on this machine, and what Whence chooses where nothing is set. */
import { isAbsolute } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { Handlers } from '../../contract/service.ts';
import type { ChosenDefaults, Settings, settings } from '../../contract/settings-service.ts';
import { suitableMemory, suitableThreads } from '../runtime/compute-limits.ts';
import type { EngineContext } from './engine-context.ts';
import { accountName } from './machine-state.ts';

export function makeSettingsHandlers(context: EngineContext): Handlers<typeof settings> {
  const { machine, emit } = context;
  const announced = (changed: Settings): Settings => {
    emit('settings', 'changed', changed);
    return changed;
  };
  return {
    read: () => ({ settings: machine.settings, chosen: chosenDefaults(context) }),
    change: (change) => {
      demandAbsolute(change.projectsPath ?? '');
      return announced(machine.changeSettings(change));
    },
    reset: ({ names }) => announced(machine.resetSettings(names)),
  };
}

/** A path that starts nowhere would mean another folder to every process. */
function demandAbsolute(projectsPath: string): void {
  if (projectsPath === '' || isAbsolute(projectsPath)) return;
  const reason = 'expected the whole path of a folder, from the root or the drive on';
  throw new AppError('setting-invalid', { name: 'projects-path', value: projectsPath, reason });
}

function chosenDefaults({ usualProjectsPath }: EngineContext): ChosenDefaults {
  return {
    reviewer: accountName(),
    threads: suitableThreads(),
    memoryMib: suitableMemory() / 2 ** 20,
    projectsPath: usualProjectsPath,
  };
}
