import type {
  LocalAlarmSetting,
  LocalDeviceChange,
  LocalSettings,
  LocalSiteEdit,
} from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { readField } from './changing.ts';

export const placeWords = ['building', 'unit', 'floor', 'room', 'note'] as const;

/** What in the form differs from what the device is set to. */
export function changeIn(settings: LocalSettings, form: FormData): LocalSiteEdit {
  const { id } = settings;
  const read = (name: string) => readField(form, name);
  const name = read('name') === settings.name ? {} : { name: read('name') };
  const port = read('port') === settings.port ? {} : { port: read('port') };
  const parts = {
    address: differing(Object.entries(settings.address), (word, before) => addressWord(read(`address.${word}`), before)),
    place: differing(
      placeWords.map((word) => [word, settings.place[word] ?? '']),
      (word) => read(`place.${word}`),
    ),
    ...limitsIn(settings, read),
    parts: Object.fromEntries(
      settings.parts.flatMap((part) => {
        const change = filledOf(limitsIn(part, (word) => read(`parts.${part.id}.${word}`)));
        return Object.keys(change).length === 0 ? [] : [[part.id, change]];
      }),
    ),
  };
  return { change: { id, ...name, ...port, ...filledOf(parts) }, mayBeSilent: read('silent') !== '' };
}

function filledOf<T extends object>(parts: T): Partial<T> {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part as object).length > 0)) as Partial<T>;
}

function limitsIn({ params, alarms }: Pick<LocalSettings, 'params' | 'alarms'>, read: (name: string) => string) {
  return {
    params: differing(
      params.map((param) => [param.id, param.value]),
      (param) => numberOrNull(read(`params.${param}`)),
    ),
    alarms: Object.fromEntries(
      alarms.flatMap((alarm) => {
        const change = alarmChange(alarm, read);
        return Object.keys(change).length === 0 ? [] : [[alarm.id, change]];
      }),
    ),
  };
}

function alarmChange({ id, compares, own }: LocalAlarmSetting, read: (name: string) => string) {
  const words = compares === null ? (['forS'] as const) : (['limit', 'clear', 'forS'] as const);
  const numbers = differing(
    words.map((word) => [word, own[word]]),
    (word) => numberOrNull(read(`alarms.${id}.${word}`)),
  );
  const off = read(`alarms.${id}.off`) !== '';
  return { ...numbers, ...(off === own.off ? {} : { off: off ? true : null }) } satisfies NonNullable<
    LocalDeviceChange['alarms']
  >[string];
}

function differing<T>(before: readonly (readonly [string, T])[], now: (word: string, before: T) => T): Record<string, T> {
  return Object.fromEntries(
    before.flatMap(([word, old]) => {
      const value = now(word, old);
      return value === old ? [] : [[word, value]];
    }),
  );
}

/** An empty field: the profile's own. */
function numberOrNull(text: string): number | null {
  return text === '' ? null : Number(text);
}

/** A number stays a number where it still is one. */
function addressWord(text: string, before: string | number): string | number {
  return typeof before === 'number' && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
