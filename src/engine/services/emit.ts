/** @file How the engine tells its clients that something changed: only events that the contract declares. */
import type { z } from 'zod';
import type { EngineServices } from '../../contract/services.ts';

type Events<Name extends keyof EngineServices> = EngineServices[Name]['events'];
type Payload<Schema> = Schema extends z.ZodType ? z.output<Schema> : never;

export type Emit = <Name extends keyof EngineServices, Event extends keyof Events<Name> & string>(
  service: Name,
  event: Event,
  payload: Payload<Events<Name>[Event]>,
) => void;
