import { z } from 'zod';

/** A photo as the phone sends it: shrunk to this, so that a stairwell's network can carry it. */
export const maxPhotoBytes = 512 * 1024;
/** The longer side of a shrunk photo, pixels. */
export const photoSide = 1_600;
/** Photos of one task. */
export const maxTaskPhotos = 12;

const time = z.number().int();

/** 现场照片 somebody took; the bytes are asked for by its id. */
export const Photo = z
  .strictObject({
    id: z.string(),
    /** When it came in. */
    at: time,
    /** When it was taken, by the phone's own clock. */
    takenAt: time.nullable(),
    byName: z.string(),
    bytes: z.number().int(),
  })
  .meta({ id: 'Photo' });
export type Photo = z.infer<typeof Photo>;
