type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The same object without the keys that hold undefined, for interfaces that know absent and not undefined. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
