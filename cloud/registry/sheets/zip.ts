import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { sheetLimits, SheetProblem } from './sheet.ts';

/** The parts of a workbook by their path. Nothing is inflated before it is asked for, and never more than the limit in all. */
export interface Parts {
  has(name: string): boolean;
  /** Pieces of text, as they are inflated. @throws SheetProblem */
  text(name: string): AsyncGenerator<string>;
  close(): void;
}

/** @throws SheetProblem where the bytes are no zip archive, or one that says it holds too much. */
export async function openParts(bytes: Buffer): Promise<Parts> {
  const zip = await yauzl
    .fromBufferPromise(bytes, { lazyEntries: true, autoClose: false, validateEntrySizes: true })
    .catch(() => {
      throw new SheetProblem('broken');
    });
  const entries = await listEntries(zip);
  const budget: { left: number } = { left: sheetLimits.inflatedBytes };
  return {
    has: (name) => entries.has(name),
    text: (name) => inflate(zip, entries.get(name), budget),
    close: () => zip.close(),
  };
}

async function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  let said = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.size >= sheetLimits.entries) throw new SheetProblem('too-large');
      said += entry.uncompressedSize;
      if (said > sheetLimits.inflatedBytes) throw new SheetProblem('too-large');
      if (entry.isEncrypted()) throw new SheetProblem('encrypted');
      entries.set(entry.fileName, entry);
    }
  } catch (error) {
    throw error instanceof SheetProblem ? error : new SheetProblem('broken');
  }
  return entries;
}

async function* inflate(zip: ZipFile, entry: Entry | undefined, budget: { left: number }): AsyncGenerator<string> {
  if (!entry) throw new SheetProblem('not-a-workbook');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let stream: Readable | null = null;
  try {
    stream = await zip.openReadStreamPromise(entry);
    for await (const piece of stream as AsyncIterable<Buffer>) {
      budget.left -= piece.length;
      if (budget.left < 0) throw new SheetProblem('too-large');
      yield decoder.decode(piece, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    throw error instanceof SheetProblem ? error : new SheetProblem('broken');
  } finally {
    stream?.destroy();
  }
}
