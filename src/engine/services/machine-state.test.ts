import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProjectSummary } from '../../contract/projects-service.ts';
import { settingDefaults } from '../../contract/settings-service.ts';
import { log } from '../log.ts';
import { MachineState } from './machine-state.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-home-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function summary(name: string, sampleCount = 0): ProjectSummary {
  return { path: join(home, `${name}.whence`), name, sampleCount } as ProjectSummary;
}

describe('what the machine remembers', () => {
  it('begins with the account’s name as reviewer and no projects', () => {
    const machine = new MachineState(join(home, 'not', 'there', 'yet'));
    expect(machine.reviewer).toBe(userInfo().username);
    expect(machine.recentProjects()).toEqual([]);
  });

  it('is shared by every process at once and written whole', () => {
    const [first, second] = [new MachineState(home), new MachineState(home)];
    first.changeSettings({ reviewer: 'Ada' });
    second.rememberOpened(summary('a'));
    second.rememberSpeed('train cnn', 12.5);
    expect(second.reviewer).toBe('Ada');
    expect(first.recentProjects()).toHaveLength(1);
    expect(first.speedOf('train cnn')).toBe(12.5);
    expect(first.speedOf('train mlp')).toBeNull();
    expect(readdirSync(home)).toEqual(['machine-state.json']);
  });

  it('lists projects newest first, each once, and says which are gone', () => {
    const machine = new MachineState(home);
    machine.rememberOpened(summary('a'));
    machine.rememberOpened(summary('b'));
    machine.rememberOpened(summary('a', 7));
    machine.rememberCount(summary('b').path, 3);
    mkdirSync(summary('b').path);
    writeFileSync(join(summary('b').path, 'project.db'), '');
    expect(machine.recentProjects()).toMatchObject([
      { name: 'a', sampleCount: 7, exists: false },
      { name: 'b', sampleCount: 3, exists: true },
    ]);
    machine.forget(summary('a').path);
    expect(machine.recentProjects().map((project) => project.name)).toEqual(['b']);
  });

  it('starts afresh where its file is damaged, and logs it', () => {
    const warn = vi.spyOn(log, 'warn').mockReturnValue();
    writeFileSync(join(home, 'machine-state.json'), '{"reviewer": ');
    const machine = new MachineState(home);
    expect(machine.recentProjects()).toEqual([]);
    expect(warn).toHaveBeenCalledOnce();
    machine.changeSettings({ reviewer: 'Ada' });
    expect(machine.reviewer).toBe('Ada');
    warn.mockRestore();
  });

  it('has every setting at its default until it is changed, and again after a reset', () => {
    const machine = new MachineState(home);
    expect(machine.settings).toEqual(settingDefaults);
    expect(machine.changeSettings({ threads: 2, textSize: 150 })).toMatchObject({
      threads: 2,
      textSize: 150,
    });
    expect(machine.resetSettings(['threads'])).toMatchObject({ threads: 0, textSize: 150 });
    expect(machine.resetSettings()).toEqual(settingDefaults);
  });

  it('reads each setting for itself, and the reviewer of an older version', () => {
    const kept = { reviewer: 'Ada', settings: { threads: 'many', theme: 'dark', unknown: 1 } };
    writeFileSync(join(home, 'machine-state.json'), JSON.stringify(kept));
    const machine = new MachineState(home);
    expect(machine.settings).toEqual({ ...settingDefaults, reviewer: 'Ada', theme: 'dark' });
    machine.resetSettings(['reviewer']);
    expect(machine.reviewer).toBe(userInfo().username);
  });
});
