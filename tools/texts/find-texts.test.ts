import { compile } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { findTexts } from './find-texts.ts';

const found = (code: string, file = 'words.ts') => findTexts(code, file, '/texts.ts');
const textsIn = (code: string, file?: string) => found(code, file).texts.map(({ text }) => text);
const written = (code: string, file?: string) => found(code, file).code.toString().replace(/\s+/g, ' ');
const inMarkup = (code: string) => textsIn(code, 'Part.svelte');

describe('texts in markup', () => {
  it('are sentences with their values and elements', () => {
    expect(inMarkup('<p>Takes {formatBytes(memory)} of memory</p>')).toEqual(['Takes {memory} of memory']);
    expect(inMarkup('<h2>Pulled to <em class={tone}>{name}</em> by</h2>')).toEqual([
      'Pulled to <0>{name}</0> by',
    ]);
  });

  it('are divided by blocks and components, and leave empty elements out', () => {
    expect(inMarkup('<p>One thing {#if more}and more{/if}</p>')).toEqual(['and more', 'One thing']);
    expect(inMarkup('<p><i class="band"></i>the band</p>')).toEqual(['the band']);
  });

  it('are attributes that people read, and no others', () => {
    expect(inMarkup('<div class="Row Big" title="Image {rank} of the queue" />')).toEqual([
      'Image {rank} of the queue',
    ]);
    expect(inMarkup("<Part label={done ? 'all' : 'some'} value={kind === 'All Images'} />")).toEqual([
      'all',
      'some',
    ]);
  });

  it('say what nobody has decided on yet', () => {
    expect(found('<Part sentence="Some words" />', 'Part.svelte').problems).toEqual([
      'Part.svelte:1: say in tools/texts/text-rules.ts whether people read the attribute sentence',
    ]);
  });

  it('give a component that compiles', () => {
    const code =
      '<script lang="ts">const { name } = $props(); const words = { a: \'Some words\' };</script><p>See <b>{name}</b>: {words.a}</p>';
    expect(() => compile(written(code, 'Part.svelte'), {})).not.toThrow();
  });
});

describe('texts in code', () => {
  it('read like texts', () => {
    expect(
      textsIn("const f = () => ['Choose a class', 'image/png', 'ArrowLeft', 'idle', 'Ctrl+A'];"),
    ).toEqual(['Choose a class']);
    expect(textsIn("const f = (key) => key === 'Some Key' || list.includes('Other Key');")).toEqual([]);
    expect(textsIn("const f = () => { throw new Error('Never Shown'); };")).toEqual([]);
  });

  it('have a hole for each value, named after it', () => {
    expect(textsIn('const f = (run) => `Run ${run.id} of ${ids.length}, ${run.id}`;')).toEqual([
      'Run {id} of {idsCount}, {id2}',
    ]);
  });

  it('are quantities in both numbers', () => {
    expect(found("const f = (n) => formatQuantity(n, 'class', 'classes');").texts).toEqual([
      { text: '{count} class', plural: '{count} classes' },
    ]);
  });

  it('are marked where they do not read like one', () => {
    expect(textsIn("const f = () => translate('excluded');")).toEqual(['excluded']);
  });

  it('are read anew at every use', () => {
    expect(written("export const words = { keep: 'Keep all' };")).toContain(
      `get keep() { return (translate_("Keep all")); }`,
    );
    expect(written("const why = 'Some reason'; export const words = { help: why };")).toContain(
      `const why = () => (translate_("Some reason")); export const words = { get help() { return (why()); } };`,
    );
    expect(found("export const title = 'Some title';").problems).toHaveLength(1);
    expect(found("class State { title = 'Some title'; }").problems).toHaveLength(1);
  });
});
