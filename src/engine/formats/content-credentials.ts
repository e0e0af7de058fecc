/** @file The manifest of content credentials (C2PA) in a file, as far as a person is shown of it. Its signature is not checked: nothing here proves anything. */
import { decode } from 'cborg';
import type { ContentCredentials } from '../../contract/queries-service.ts';
import { findJumbf, JumbfError, readBoxes, type Box } from './jumbf.ts';

const MOST_ASSERTIONS = 200;
const LONGEST = 1000;

/** null: the file has none. Throws `JumbfError` where it has one that cannot be read. */
export function readContentCredentials(file: Uint8Array): ContentCredentials | null {
  const bytes = findJumbf(file);
  if (bytes === null) return null;
  const store = readBoxes(bytes).find(({ label }) => label === 'c2pa');
  if (store === undefined) throw new JumbfError('it holds no C2PA manifests');
  const manifests = store.children.filter(({ type }) => type === 'jumb');
  // The last one is the active one: what came before is what the file was made from.
  const active = manifests.at(-1);
  if (active === undefined) throw new JumbfError('its store of manifests is empty');
  const claim = cborOf(active.children.find(({ label }) => label?.startsWith('c2pa.claim') === true));
  const assertions = active.children.find(({ label }) => label === 'c2pa.assertions')?.children ?? [];
  return {
    claimGenerator: textOf(claim['claim_generator']) ?? nameIn(claim['claim_generator_info']),
    title: textOf(claim['dc:title']),
    actions: assertions.filter(({ label }) => label?.startsWith('c2pa.actions') === true).flatMap(actionsIn),
    assertions: assertions
      .flatMap(({ label }) => (label === null ? [] : [label.slice(0, LONGEST)]))
      .slice(0, MOST_ASSERTIONS),
    manifestCount: manifests.length,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function actionsIn(assertion: Box): ContentCredentials['actions'] {
  const { actions } = cborOf(assertion);
  if (!Array.isArray(actions)) return [];
  return actions.slice(0, MOST_ASSERTIONS).map((each: unknown) => {
    const { action, softwareAgent, digitalSourceType } = fieldsOf(each);
    return {
      action: textOf(action) ?? 'unnamed',
      softwareAgent: textOf(softwareAgent) ?? nameIn(softwareAgent),
      digitalSourceType: lastPart(textOf(digitalSourceType)),
    };
  });
}

/** Fields of the first CBOR map in a box; none where there is none. */
function cborOf(box: Box | undefined): Fields {
  const content = box?.children.find(({ type }) => type === 'cbor')?.content;
  if (content === undefined) return {};
  try {
    return fieldsOf(
      decode(content, { useMaps: true, tags: anyTag, allowBigInt: true, rejectDuplicateMapKeys: false }),
    );
  } catch (cause) {
    throw new JumbfError(`its CBOR cannot be read (${(cause as Error).message})`, { cause });
  }
}

/** Dates and such: only what they hold is looked at. */
const anyTag = new Proxy([] as ((read: () => unknown) => unknown)[], {
  get: (_, name) =>
    typeof name === 'string' && /^\d+$/.test(name) ? (read: () => unknown) => read() : undefined,
}) as never;

/** Maps are read as maps, so that no name in a file means anything to the language. */
function fieldsOf(value: unknown): Fields {
  if (!(value instanceof Map)) return {};
  const fields = Object.create(null) as Record<string, unknown>;
  for (const [name, field] of value as Map<unknown, unknown>)
    if (typeof name === 'string') fields[name] = field;
  return fields;
}

/** Of a program told by its name and version, or the first of several. */
function nameIn(value: unknown): string | null {
  const { name, version } = fieldsOf(Array.isArray(value) ? value[0] : value);
  const words = [textOf(name), textOf(version)].filter((word) => word !== null);
  return words.length === 0 ? null : words.join(' ');
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, LONGEST) : null;
}

/** 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia' → its last word. */
export function lastPart(address: string | null): string | null {
  return address === null ? null : (address.split('/').at(-1) ?? address);
}
