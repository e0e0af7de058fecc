import { describe, expect, it } from 'vitest';
import { idsOfSamples } from '../../contract/sample-set.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { Selection } from './selection.svelte.ts';

const ids = Int32Array.from([10, 11, 12, 13, 14, 15]);
const plain = { shift: false, control: false };
const shift = { shift: true, control: false };
const control = { shift: false, control: true };

describe('Selection', () => {
  it('a plain click selects exactly that image', () => {
    const selection = new Selection();
    selection.click(1, ids, plain);
    selection.click(3, ids, plain);
    expect(selection.ids).toEqual([13]);
  });

  it('shift selects every image from the last click, in both directions', () => {
    const selection = new Selection();
    selection.click(3, ids, plain);
    selection.click(5, ids, shift);
    expect(selection.ids).toEqual([13, 14, 15]);
    selection.click(1, ids, shift);
    expect(selection.ids).toEqual([11, 12, 13]);
  });

  it('control toggles one and moves the start of the next range', () => {
    const selection = new Selection();
    selection.click(0, ids, plain);
    selection.click(2, ids, control);
    selection.click(0, ids, control);
    expect(selection.ids).toEqual([12]);
    selection.click(4, ids, { shift: true, control: true });
    expect(selection.ids.toSorted((a, b) => a - b)).toEqual([10, 11, 12, 13, 14]);
  });

  it('keyboard moves stop at both ends and extend with shift', () => {
    const selection = new Selection();
    selection.moveTo(-4, ids, false);
    expect(selection.ids).toEqual([10]);
    selection.moveTo(2, ids, true);
    expect(selection.ids).toEqual([10, 11, 12]);
    selection.moveTo(99, ids, false);
    expect(selection.cursor).toBe(5);
  });

  it('a shift-range whose start has gone with a filter starts at the last image', () => {
    const selection = new Selection();
    selection.click(5, ids, plain);
    selection.click(0, ids.subarray(0, 2), shift);
    expect(selection.ids).toEqual([10, 11]);
  });

  it('selects everything that matches and forgets it all', () => {
    const selection = new Selection();
    selection.selectAll(ids);
    expect(selection.size).toBe(6);
    expect(selection.first).toBe(10);
    selection.clear();
    expect(selection.size).toBe(0);
    expect(selection.first).toBeNull();
  });

  it('crosses to the engine as it stands then, whatever is selected afterwards', () => {
    const selection = new Selection();
    selection.selectAll(ids);
    const sent = selection.images;
    selection.toggle(12 as SampleId);
    expect(idsOfSamples(sent)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(idsOfSamples(selection.images)).toEqual([10, 11, 13, 14, 15]);
  });

  it('a drawing adds to what is selected, takes away from it, or replaces it', () => {
    const selection = new Selection();
    selection.apply([3, 70, 900] as SampleId[], 'only');
    selection.apply([4] as SampleId[], 'add');
    selection.apply([70, 71] as SampleId[], 'remove');
    expect(selection.ids).toEqual([3, 4, 900]);
    selection.apply([5] as SampleId[], 'only');
    expect(selection.ids).toEqual([5]);
  });
});
