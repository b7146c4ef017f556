import { type GridNotice, type Post, postKind, posts } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { NoticeData } from './areas-records.ts';

const order = Object.keys(posts);

/** The public notice in its order: the posts as the vocabulary lists them, then by house. What a post keeps off the wall is left out here. */
export function gridNotice({ posts: held, ...head }: NoticeData, at: number): GridNotice {
  const people = held.map((one) => ({
    post: one.post,
    postName: postKind(one.post).name.zh,
    place: one.places,
    name: one.name,
    phone: postKind(one.post).notice === 'name-and-phone' ? one.phone : null,
    photo: one.photo === null ? null : dataAddress(one.photo),
  }));
  const rank = (post: Post) => order.indexOf(post);
  return { ...head, people: people.toSorted((a, b) => rank(a.post) - rank(b.post)), at };
}

const jpeg = Buffer.from([0xff, 0xd8, 0xff]);
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** JPEG or PNG by their first bytes; null for anything else. */
export function photoType(photo: Buffer): 'image/jpeg' | 'image/png' | null {
  if (photo.subarray(0, jpeg.length).equals(jpeg)) return 'image/jpeg';
  return photo.subarray(0, png.length).equals(png) ? 'image/png' : null;
}

function dataAddress(photo: Buffer): string | null {
  const type = photoType(photo);
  return type === null ? null : `data:${type};base64,${photo.toString('base64')}`;
}
