import { maxPhotoBytes, photoSide } from '@yihu/device-profiles/vocabulary/photo.ts';

const qualities = [0.8, 0.65, 0.5, 0.35] as const;

/**
 * A photo as it is kept and sent: a JPEG drawn anew, so that nothing of what the camera wrote beside it (place, time,
 * owner) is left, turned upright, its longer side 1600 px at most, within 512 KiB. Null where the file is no picture.
 */
export async function shrunk(file: Blob): Promise<ArrayBuffer | null> {
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    // A file that the browser cannot draw.
    return null;
  }
  try {
    for (let side: number = photoSide; side >= photoSide / 4; side /= 2)
      for (const quality of qualities) {
        const blob = await drawn(image, side, quality);
        if (blob !== null && blob.size <= maxPhotoBytes) return await blob.arrayBuffer();
      }
    return null;
  } finally {
    image.close();
  }
}

function drawn(image: ImageBitmap, side: number, quality: number): Promise<Blob | null> {
  const scale = Math.min(1, side / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
}
