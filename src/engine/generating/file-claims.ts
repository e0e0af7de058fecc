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

interface Generation {
  readonly generator: string | null;
  readonly parameters: Parameters;
}

function generationOf(notes: Omit<EmbeddedNotes, 'xmp'>): Generation {
  const found = readers.map((read) => read(notes)).find((generation) => generation !== null);
  if (found !== undefined) return found;
  const others = notes.texts.filter(({ name }) =>
    /^(Description|Comment|Title|Source|Author|Dream)$/i.test(name),
  );
  return { generator: textNamed(notes, 'Software') ?? notes.software, parameters: others };
}

type Notes = Omit<EmbeddedNotes, 'xmp'>;

function textNamed({ texts }: Notes, name: string): string | null {
  return texts.find((own) => own.name === name)?.value ?? null;
}

/** One for each form that generators write; null: it is not of this form. */
const readers: readonly ((notes: Notes) => Generation | null)[] = [
  (notes) => {
    const remark = notes.comment !== null && /\bSteps: \d/.test(notes.comment) ? notes.comment : null;
    const infotext = textNamed(notes, 'parameters') ?? remark;
    return infotext === null
      ? null
      : { generator: 'Stable Diffusion web UI', parameters: parametersIn(infotext) };
  },
  (notes) => {
    const parameters = notes.texts.filter(
      ({ name, value }) => (name === 'prompt' || name === 'workflow') && value.startsWith('{'),
    );
    return parameters.length === 0 ? null : { generator: 'ComfyUI', parameters };
  },
  (notes) => {
    const value = textNamed(notes, 'invokeai_metadata') ?? textNamed(notes, 'sd-metadata');
    return value === null ? null : { generator: 'InvokeAI', parameters: [{ name: 'metadata', value }] };
  },
];

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
