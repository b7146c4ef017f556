import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { XmlValue } from '../../xml.ts';
import { limits } from './limits.ts';
import { all, at, words } from './tree.ts';

/** 通知消息: what a pull brought, as plain JSON for the profile's `decode`. */
export interface CameraMessage {
  /** Without prefixes: which prefix a camera gives a namespace is its own affair. */
  readonly topic: string;
  /** `Initialized`: how it stood when we came, which is no event; `Changed`, `Deleted`; '' where it is no property. */
  readonly operation: string;
  readonly source: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  readonly utcTime: string;
}

/**
 * The messages of a PullMessagesResponse (ONVIF Core §9.1.3, §9.4). Simple items alone are taken: what an analysis made of
 * faces, plates and bodies stands in element items and goes nowhere. Pure; a message without a topic is none.
 */
export function messagesIn(response: XmlValue | undefined): CameraMessage[] {
  return all(response, 'NotificationMessage').flatMap((notification) => {
    const topic = plainTopic(words(at(notification, 'Topic')) ?? '');
    const message = at(notification, 'Message', 'Message');
    if (topic === '') return [];
    return [
      {
        topic,
        operation: short(words(at(message, 'PropertyOperation'))),
        source: itemsOf(at(message, 'Source')),
        data: itemsOf(at(message, 'Data')),
        utcTime: short(words(at(message, 'UtcTime'))),
      },
    ];
  });
}

/** `tns1:RuleEngine/CellMotionDetector/Motion//.` → `RuleEngine/CellMotionDetector/Motion`. */
function plainTopic(topic: string): string {
  const levels = topic.split('/').map((level) => level.slice(level.lastIndexOf(':') + 1).trim());
  return levels
    .filter((level) => level !== '' && level !== '.')
    .join('/')
    .slice(0, limits.topicChars);
}

function itemsOf(list: XmlValue | undefined): Record<string, string> {
  const items = all(list, 'SimpleItem').slice(0, limits.items);
  const pairs = items.flatMap((item): [string, string][] => {
    const name = words(at(item, 'Name'));
    return name === undefined || name === '' ? [] : [[short(name), short(words(at(item, 'Value')))]];
  });
  // An object made so has its keys for its own, `__proto__` too.
  return Object.fromEntries(pairs);
}

function short(text: string | undefined): string {
  return (text ?? '').slice(0, limits.textChars);
}

export function fieldsOf({ topic, operation, source, data, utcTime }: CameraMessage): Json {
  return { topic, operation, source, data, utcTime };
}

/** `RuleEngine/*` is everything below it. */
export function isAbout(topic: string, wanted: readonly string[]): boolean {
  return wanted.some((each) => (each.endsWith('/*') ? topic.startsWith(each.slice(0, -1)) : topic === each));
}
