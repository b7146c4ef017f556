import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Picture, SnapshotId } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import { z } from 'zod';
import { jsonAs } from '../json-as.ts';

/** What is known of a picture in the folder; kept in the log's state, with the record that speaks of it. */
export const Shelved = z.strictObject({
  id: SnapshotId,
  camera: z.string().max(64),
  at: z.number().int(),
  bytes: Picture.shape.bytes,
  sha256: Picture.shape.sha256,
  /** The cloud has it, or wants it no more. */
  sent: z.boolean(),
});
export type Shelved = z.infer<typeof Shelved>;

const prefix = 'snapshot/kept/';
const suffix = '.jpg';

export function shelfKey(id: string): string {
  return prefix + id;
}

/** 相册: the folder of pictures. A file is there before its record, and gone before it is forgotten. */
export class Shelf {
  readonly #folder: string;
  readonly #byId = new Map<string, Shelved>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Reads what is known of it, and removes files nothing is known of: those of a crash between file and record. Returns the
   * keys of what cannot be read any more, to be forgotten.
   */
  async open(saved: ReadonlyMap<string, string>): Promise<string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const unreadable: string[] = [];
    for (const [key, text] of saved) {
      if (!key.startsWith(prefix)) continue;
      const shelved = jsonAs(Shelved, text);
      if (shelved) this.#byId.set(shelved.id, shelved);
      else unreadable.push(key);
    }
    for (const file of await readdir(this.#folder))
      if (!this.#byId.has(file.slice(0, -suffix.length))) await rm(join(this.#folder, file), { force: true, recursive: true });
    return unreadable;
  }

  /** Oldest first. */
  all(): Shelved[] {
    return [...this.#byId.values()].sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
  }

  get(id: string): Shelved | undefined {
    return this.#byId.get(id);
  }

  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#byId.values()) sum += bytes;
    return sum;
  }

  /** Puts the file there, whole or not at all; it is not known of before `know`. */
  async write(camera: string, at: number, picture: Buffer): Promise<Shelved> {
    const sha256 = createHash('sha256').update(picture).digest('hex');
    const id = createHash('sha256').update(`${camera}\n${at}\n${sha256}`).digest('hex').slice(0, 32);
    const draft = join(this.#folder, `${randomBytes(6).toString('hex')}.tmp`);
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(picture);
      await file.sync();
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    await rename(draft, this.#path(id));
    return { id, camera, at, bytes: picture.length, sha256, sent: false };
  }

  /** Its record is in the log. */
  know(shelved: Shelved): void {
    this.#byId.set(shelved.id, shelved);
  }

  /** Null where the file is not what it was: gone, or changed. */
  async read(id: string): Promise<Buffer | null> {
    const shelved = this.#byId.get(id);
    const bytes = await readFile(this.#path(id)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (bytes === null || shelved === undefined) return null;
    return createHash('sha256').update(bytes).digest('hex') === shelved.sha256 ? bytes : null;
  }

  async remove(id: string): Promise<void> {
    this.#byId.delete(id);
    await rm(this.#path(id), { force: true });
  }

  #path(id: string): string {
    return join(this.#folder, id + suffix);
  }
}
