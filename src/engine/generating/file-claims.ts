/** @file What an image file says of how it was made: notes of well-known generators, IPTC's word for it, content credentials. Shown as what it is: unverified. */
import type { FileClaims } from '../../contract/queries-service.ts';
import { lastPart, readContentCredentials } from '../formats/content-credentials.ts';
import { JumbfError } from '../formats/jumbf.ts';
import { readEmbeddedNotes, type EmbeddedNotes } from '../images/embedded-notes.ts';

type Parameters = FileClaims['parameters'];

const MOST_PARAMETERS = 100;
/** A workflow of ComfyUI may hold a hundred thousand letters; what is longer is cut. */
const LONGEST = 200_000;

/** null: the file says nothing of itself. Never throws: what cannot be read is said. */
export async function readFileClaims(bytes: Uint8Array): Promise<FileClaims | null> {
  const { problems, ...notes } = await readEmbeddedNotes(bytes);
  const contentCredentials = credentialsOf(bytes, problems);
  const { generator, parameters } = generationOf(notes);
  const digitalSourceType = sourceTypeIn(notes.xmp ?? '');
  const claims: FileClaims = {
    ...{ generator, digitalSourceType, contentCredentials, problems },
    parameters: parameters.slice(0, MOST_PARAMETERS).map(({ name, value }) => ({
      ...{ name: name.slice(0, 200), value: value.slice(0, LONGEST) },
    })),
  };
  const saysNothing =
    generator === null &&
    parameters.length === 0 &&
    digitalSourceType === null &&
    contentCredentials === null;
  return saysNothing && problems.length === 0 ? null : claims;
}

function credentialsOf(bytes: Uint8Array, problems: string[]): FileClaims['contentCredentials'] {
  try {
    return readContentCredentials(bytes);
  } catch (cause) {
    if (!(cause instanceof JumbfError)) throw cause;
    problems.push(`The content credentials cannot be read: ${cause.message}`);
    return null;
  }
}

function generationOf({ texts, software, comment }: Omit<EmbeddedNotes, 'xmp'>): {
  readonly generator: string | null;
  readonly parameters: Parameters;
} {
  const text = (name: string): string | undefined => texts.find((own) => own.name === name)?.value;
  const infotext =
    text('parameters') ?? (comment !== null && /\bSteps: \d/.test(comment) ? comment : undefined);
  if (infotext !== undefined)
    return { generator: 'Stable Diffusion web UI', parameters: parametersIn(infotext) };
  const [prompt, workflow] = [text('prompt'), text('workflow')];
  if (prompt?.startsWith('{') === true || workflow?.startsWith('{') === true)
    return {
      generator: 'ComfyUI',
      parameters: [
        ...(prompt === undefined ? [] : [{ name: 'prompt', value: prompt }]),
        ...(workflow === undefined ? [] : [{ name: 'workflow', value: workflow }]),
      ],
    };
  const invoke = text('invokeai_metadata') ?? text('sd-metadata');
  if (invoke !== undefined)
    return { generator: 'InvokeAI', parameters: [{ name: 'metadata', value: invoke }] };
  const program = text('Software') ?? software;
  const others = texts.filter(({ name }) => /^(Description|Comment|Title|Source|Author|Dream)$/i.test(name));
  return { generator: program ?? null, parameters: others };
}

/** 'prompt ⏎ Negative prompt: … ⏎ Steps: 20, Sampler: Euler a, Seed: 5': how the web UI and those who follow it write it. */
export function parametersIn(infotext: string): Parameters {
  const lines = infotext.slice(0, LONGEST).split(/\r?\n/);
  const last = lines.findLastIndex((line) => /^Steps: \d/.test(line));
  const settings = last < 0 ? '' : lines.slice(last).join(', ');
  const before = last < 0 ? lines : lines.slice(0, last);
  const negative = before.findIndex((line) => line.startsWith('Negative prompt:'));
  const prompt = before
    .slice(0, negative < 0 ? undefined : negative)
    .join('\n')
    .trim();
  const avoided =
    negative < 0 ? '' : before.slice(negative).join('\n').slice('Negative prompt:'.length).trim();
  return [
    ...(prompt === '' ? [] : [{ name: 'prompt', value: prompt }]),
    ...(avoided === '' ? [] : [{ name: 'negative prompt', value: avoided }]),
    // A value in quotes may hold commas.
    ...Array.from(
      settings.matchAll(/([A-Za-z][\w ]{0,60}): ("[^"]{0,5000}"|[^,]{0,1000})(?:,|$)/g),
      ([, name, value]) => ({
        ...{ name: name!.trim().toLowerCase(), value: value!.trim().replace(/^"|"$/g, '') },
      }),
    ),
  ];
}

/** As an attribute or as an element of XMP. */
function sourceTypeIn(xmp: string): string | null {
  const found = /DigitalSourceType\s*(?:=\s*["']|>)\s*([^"'<\s]{1,300})/i.exec(xmp.slice(0, 1_000_000));
  return lastPart(found?.[1] ?? null);
}
